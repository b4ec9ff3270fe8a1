// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/response_type.hpp>
#include <caf/unit.hpp>

#include "actors/protocol/interfaces.hpp"
#include "runtime/gateway/net.hpp"

namespace eventd::runtime {

/// Where the outcome of one attempt is answered, once, from any thread. One
/// that goes without an answer answers `ec::shutting_down`.
class delivery_promise {
public:
  delivery_promise(caf::strong_actor_ptr self, caf::strong_actor_ptr asker,
                   caf::message_id mid);
  delivery_promise(delivery_promise&&) = default;
  delivery_promise& operator=(delivery_promise&&) = delete;
  ~delivery_promise();

  void answer(result<actors::delivery_outcome> outcome);

private:
  caf::strong_actor_ptr self_;
  caf::strong_actor_ptr asker_; ///< Null once answered or moved from.
  caf::message_id mid_;
};

/// What a bridge does with messages that are no answers. Called on its I/O
/// thread only; must not block.
class bridge_roles {
public:
  virtual ~bridge_roles() = default;
  virtual void on_deliver(actors::delivery_request request,
                          delivery_promise promise)
    = 0;
  virtual void on_route(const std::string& key,
                        const actors::channel_actor& channel)
    = 0;
  virtual void on_unroute(const std::string& key) = 0;
};

/// A coroutine that waits for an actor.
class pending_ask {
public:
  virtual ~pending_ask() = default;
  virtual void complete(caf::type_erased_tuple& answer) = 0;
  virtual void fail(failure why) = 0;
};

/// The answer to a request as one of our failures, if it is an error.
std::optional<failure> failure_in(const caf::type_erased_tuple& answer);

/// The actor by which one I/O context meets all others: CAF threads put
/// messages in, one posted handler takes out all that came together. Plays
/// DISPATCHER and ROUTE WATCHER.
/// Threads: `enqueue` any; all else the I/O thread.
class bridge_actor : public caf::monitorable_actor {
public:
  bridge_actor(caf::actor_config& config, net::io_context& context,
               bridge_roles& roles);

  const char* name() const override { return "eventd.bridge"; }

  using caf::abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* host) override;

  /// Keeps `who` until its answer comes. Past `limits::bridge_asks_max` or
  /// after `close` it fails at once and there is no id.
  std::optional<caf::message_id> expect(std::unique_ptr<pending_ask>& who,
                                        uint64_t timeout_s, bool is_wait,
                                        failure& why);

  void sweep();
  void interrupt_waits();
  void close();

private:
  /// One that waits. Its place in the table and `life` make its message id.
  struct slot {
    std::unique_ptr<pending_ask> who;
    uint64_t deadline = 0; ///< Unit: sweeps.
    uint32_t life = 0;
    bool is_wait = false;
  };

  void refuse(caf::mailbox_element& what);
  void drain();
  void handle(caf::mailbox_element& what);
  void handle_answer(caf::mailbox_element& what);
  std::unique_ptr<pending_ask> release(size_t index);

  net::io_context& context_;
  bridge_roles& roles_;
  std::vector<slot> slots_;
  std::vector<uint32_t> free_slots_;
  uint64_t sweeps_ = 0;
  bool waits_interrupted_ = false;
  bool closed_ = false;

  std::mutex inbox_mutex_;
  std::vector<caf::mailbox_element_ptr> inbox_; ///< Guarded by the mutex.
  std::vector<caf::mailbox_element_ptr> batch_; ///< What `drain` works on.
  bool scheduled_ = false;                      ///< Guarded: a drain is posted.
  bool open_ = true; ///< Guarded: the context still takes handlers.
};

/// Holds one bridge actor and asks through it.
class bridge {
public:
  bridge(caf::actor_system& system, net::io_context& context,
         bridge_roles& roles);
  bridge(const bridge&) = delete;
  bridge& operator=(const bridge&) = delete;

  /// Sends a request and waits for its answer:
  /// `auto stored = co_await bridge.ask(channel, atom::append_v, batch);`
  /// The answer is a `result` of what the interface says.
  /// @errors what the actor answers; `ec::timeout` after
  ///   `limits::ask_timeout_s`; `ec::overloaded`; `ec::shutting_down`
  template <class Handle, class... Ts>
  auto ask(const Handle& to, Ts... xs) {
    return start(limits_timeout_s(), false, to, std::move(xs)...);
  }

  /// The same for a question whose answer may be long in coming. It ends with
  /// `ec::shutting_down` when the node drains.
  template <class Handle, class... Ts>
  auto wait_for(uint64_t timeout_s, const Handle& to, Ts... xs) {
    return start(timeout_s, true, to, std::move(xs)...);
  }

  /// Call once a second: fails what waited too long.
  void sweep() { actor_->sweep(); }

  /// Fails all that `wait_for` holds, now and from now on.
  void interrupt_waits() { actor_->interrupt_waits(); }

  /// Fails all that waits and refuses everything from now on; after it no
  /// handler is posted any more. The I/O context may be destroyed then.
  void close() { actor_->close(); }

  actors::dispatcher_actor dispatcher() const;
  actors::route_watcher_actor route_watcher() const;

private:
  template <class T, class Handler>
  class pending final : public pending_ask {
  public:
    explicit pending(Handler handler) : handler_(std::move(handler)) {}

    void complete(caf::type_erased_tuple& answer) override {
      if (auto why = failure_in(answer))
        return fail(std::move(*why));
      if constexpr (std::is_same_v<T, caf::unit_t>)
        return finish(caf::unit);
      else if (answer.match_elements<T>())
        return finish(answer.move_if_unshared<T>(0));
      else
        return fail({ec::internal, "an actor gave an answer of another type"});
    }

    void fail(failure why) override { finish(std::move(why)); }

  private:
    void finish(result<T> x) {
      auto handler = std::move(handler_);
      std::move(handler)(std::move(x));
    }

    Handler handler_;
  };

  static uint64_t limits_timeout_s();

  template <class Handle, class... Ts>
  auto start(uint64_t timeout_s, bool is_wait, const Handle& to, Ts... xs) {
    using answers = caf::response_type_t<typename Handle::signatures, Ts...>;
    using answer = caf::detail::tl_head_t<answers>;
    return net::async_initiate<decltype(use_task), void(result<answer>)>(
      [self = actor_, timeout_s, is_wait, to](auto handler, Ts... args) {
        using handler_type = std::decay_t<decltype(handler)>;
        std::unique_ptr<pending_ask> who
          = std::make_unique<pending<answer, handler_type>>(std::move(handler));
        failure why;
        auto mid = self->expect(who, timeout_s, is_wait, why);
        if (!mid) {
          // A handler must not run inside its own initiation.
          net::post(self.executor(),
                    [who = std::move(who), why] { who->fail(why); });
          return;
        }
        auto* receiver = caf::actor_cast<caf::abstract_actor*>(to);
        receiver->eq_impl(*mid, self.strong(), nullptr, std::move(args)...);
      },
      use_task, std::move(xs)...);
  }

  /// Keeps the actor alive and lets its functions be called.
  class holder {
  public:
    holder(caf::strong_actor_ptr x, io_executor executor)
      : ptr_(std::move(x)), executor_(executor) {}

    bridge_actor* operator->() const {
      return static_cast<bridge_actor*>(ptr_->get());
    }
    const caf::strong_actor_ptr& strong() const { return ptr_; }
    io_executor executor() const { return executor_; }

  private:
    caf::strong_actor_ptr ptr_;
    io_executor executor_;
  };

  holder actor_;
};

} // namespace eventd::runtime
