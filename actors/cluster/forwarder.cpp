// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/cluster/forwarder.hpp"

#include <string>
#include <utility>

#include <caf/delegated.hpp>
#include <caf/message_view.hpp>
#include <caf/response_promise.hpp>
#include <caf/result.hpp>

#include "actors/protocol/atoms.hpp"
#include "actors/protocol/error.hpp"

namespace eventd::actors {

namespace {

/// Whether asking twice does no harm, whatever the asker thinks of the first.
bool only_asks(const caf::message& x) {
  if (x.empty() || !x.match_element<caf::atom_value>(0))
    return false;
  auto what = x.get_as<caf::atom_value>(0);
  return what == atom::read::value || what == atom::locate::value
         || what == atom::await::value || what == atom::status::value;
}

/// Who asked for no answer gets none: an error would end it.
void refuse(caf::response_promise& promise, std::string why) {
  if (!promise.async())
    promise.deliver(to_caf(failure{ec::not_leader, std::move(why)}));
}

void hand_on(forwarder_state& state, caf::response_promise promise,
             caf::message what) {
  auto to = state.to;
  to.node = state.wiring.map->owner(to.shard);
  if (to.node == 0) {
    auto outside = why_outside(state.wiring.map->place());
    refuse(promise, outside.empty()
                      ? "no node leads shard " + std::to_string(to.shard.value)
                          + " at the moment"
                      : std::string{outside});
    return;
  }
  if (to.node != state.wiring.map->self()) {
    to.repeatable = to.repeatable || only_asks(what);
    promise.delegate(state.wiring.link, atom::call_v, std::move(to),
                     std::move(what));
    return;
  }
  if (auto local = state.wiring.locals->find(to))
    promise.delegate(local, std::move(what));
  else
    refuse(promise, "this node begins to lead the shard");
}

} // namespace

caf::behavior forwarder(caf::stateful_actor<forwarder_state>* self,
                        forwarder_wiring wiring, call_address to) {
  self->state.wiring = std::move(wiring);
  self->state.to = std::move(to);
  self->set_default_handler(
    [self](caf::scheduled_actor*,
           caf::message_view& x) -> caf::result<caf::message> {
      hand_on(self->state, self->make_response_promise(),
              x.move_content_to_message());
      return caf::delegated<caf::message>{};
    });
  // It takes everything by its default handler, and this by no means.
  return {[](atom::reload) {}};
}

} // namespace eventd::actors
