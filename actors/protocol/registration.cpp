// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/protocol/registration.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/init_global_meta_objects.hpp>

#include "actors/protocol/interfaces.hpp"

CAF_BEGIN_TYPE_ID_BLOCK(eventd, first_custom_type_id)
  CAF_ADD_TYPE_ID(eventd, (eventd::log_offset))
  CAF_ADD_TYPE_ID(eventd, (eventd::log_time))
  CAF_ADD_TYPE_ID(eventd, (eventd::channel_id))
  CAF_ADD_TYPE_ID(eventd, (eventd::event_batch))
  CAF_ADD_TYPE_ID(eventd, (std::vector<eventd::event_batch>))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::channel_info))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::channel_settings))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::append_result))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::joined_append))
  CAF_ADD_TYPE_ID(eventd, (std::vector<eventd::actors::append_result>))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::read_request))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::stored_read_request))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::read_result))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::channel_status))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::await_request))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::shared_bytes))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::proposed))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::channel_place))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::trim_plan))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::resource_snapshot))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::cursor_commit))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::delivery_policy))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::subscription_spec))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::error_extensions))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::delivery_request))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::delivery_outcome))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::undelivered))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::subscription_status))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::resource_request))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::resource_response))
  CAF_ADD_TYPE_ID(eventd, (std::vector<eventd::actors::undelivered>))
  CAF_ADD_TYPE_ID(eventd, (std::vector<eventd::actors::subscription_status>))
  CAF_ADD_TYPE_ID(eventd, (std::vector<eventd::actors::channel_status>))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::channel_actor))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::subscription_actor))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::route_watcher_actor))
  CAF_ADD_TYPE_ID(eventd, (eventd::shard_id))
  CAF_ADD_TYPE_ID(eventd, (eventd::raft_index))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::server_status))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::shard_status))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::call_address))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::log_chunk))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::state_chunk))
  CAF_ADD_TYPE_ID(eventd, (eventd::actors::shard_watcher_actor))
  CAF_ADD_TYPE_ID(eventd, (eventd::damaged_place))
CAF_END_TYPE_ID_BLOCK(eventd)

namespace eventd::actors {

void register_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::eventd>();
  auto render = [](uint8_t code, caf::atom_value, const caf::message& context) {
    std::string text{name_of(static_cast<ec>(code))};
    if (context.size() > 0 && context.match_element<std::string>(0))
      text += ": " + context.get_as<std::string>(0);
    return text;
  };
  config.add_error_category(caf::atom("eventd"), render);
}

} // namespace eventd::actors
