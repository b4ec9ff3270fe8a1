// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/status.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "actors/resource/time_format.hpp"

namespace eventd::actors {

namespace {

const char* text_of(condition_status x) {
  switch (x) {
  case condition_status::yes:
    return "True";
  case condition_status::no:
    return "False";
  case condition_status::unknown:
    return "Unknown";
  }
  return "Unknown";
}

condition yes(std::string type) {
  return {std::move(type), condition_status::yes, {}, {}, false};
}

condition no(std::string type, std::string reason, std::string message) {
  return {std::move(type), condition_status::no, std::move(reason),
          std::move(message), false};
}

condition unknown(std::string type, std::string reason, std::string message) {
  return {std::move(type), condition_status::unknown, std::move(reason),
          std::move(message), false};
}

/// The condition of this type in an older status, or null.
const json::object* find_condition(const json::object& status,
                                   std::string_view type) {
  auto* list = find_path(status, "conditions");
  if (!list || !list->is_array())
    return nullptr;
  for (auto& x : list->get_array())
    if (x.is_object() && string_at(x.get_object(), "type") == type)
      return &x.get_object();
  return nullptr;
}

/// Words that came from elsewhere, as they can be stored and read again: what
/// is not UTF-8 becomes question marks. A path of a disk may be anything.
std::string readable(std::string text) {
  auto is_high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(text.begin(), text.end(), is_high))
    return text;
  boost::system::error_code bad;
  json::parse(json::serialize(json::string{text}), bad);
  if (bad)
    std::replace_if(text.begin(), text.end(), is_high, '?');
  return text;
}

json::object write_condition(const condition& x, const json::object& old_status,
                             int64_t now_ms) {
  json::object made;
  made["type"] = x.type;
  made["status"] = text_of(x.status);
  auto* old = find_condition(old_status, x.type);
  if (old && string_at(*old, "status") == text_of(x.status)
      && find_path(*old, "lastTransitionTime"))
    made["lastTransitionTime"] = *find_path(*old, "lastTransitionTime");
  else
    made["lastTransitionTime"] = format_time(now_ms);
  if (!x.reason.empty())
    made["reason"] = x.reason;
  if (!x.message.empty())
    made["message"] = readable(x.message);
  if (x.info)
    made["severity"] = "Info";
  return made;
}

/// What both kinds of status begin with.
json::object begin_status(std::vector<condition> all,
                          const json::object& old_status, uint64_t generation,
                          int64_t now_ms) {
  json::object made;
  if (generation > 0)
    made["observedGeneration"] = generation;
  else if (auto* x = find_path(old_status, "observedGeneration"))
    made["observedGeneration"] = *x;
  auto ready = ready_of(all);
  all.push_back(std::move(ready));
  made["conditions"] = write_conditions(all, old_status, now_ms);
  return made;
}

condition backing(const channel_facts& facts) {
  constexpr auto type = "BackingChannelReady";
  if (facts.deleting)
    return no(type, "Deleting", "the channel is being deleted");
  if (!facts.problem.empty())
    return no(type, "OpenFailed", facts.problem);
  if (!facts.usable)
    return unknown(type, "Opening", "the channel's log is being opened");
  return yes(type);
}

condition sink_condition(const resolution& sink) {
  constexpr auto type = "DeadLetterSinkResolved";
  return sink.ok() ? yes(type) : no(type, sink.reason, sink.message);
}

condition references(const subscription_facts& facts) {
  constexpr auto type = "ReferencesResolved";
  if (!facts.found.channel_known)
    return no(type, "ChannelKindNotSupported",
              "spec.channel: " + facts.channel.api_version + ' '
                + facts.channel.kind + ' ' + facts.channel.name
                + " is not a messaging.knative.dev/v1 Channel");
  struct row {
    const char* path;
    const resolution& found;
  };
  for (auto& [path, found] :
       {row{"spec.subscriber", facts.found.subscriber},
        row{"spec.reply", facts.found.reply},
        row{"spec.delivery.deadLetterSink", facts.found.dead_letter}})
    if (!found.ok())
      return no(type, found.reason, std::string{path} + ": " + found.message);
  return yes(type);
}

condition channel_ready(const subscription_facts& facts) {
  constexpr auto type = "ChannelReady";
  if (!facts.found.channel_exists)
    return no(type, "ChannelNotFound",
              "there is no Channel '" + facts.channel.name
                + "' in this namespace");
  if (!facts.channel_problem.empty())
    return no(type, "ChannelNotReady", facts.channel_problem);
  if (!facts.channel_usable)
    return unknown(type, "ChannelOpening", "the Channel is not ready yet");
  return yes(type);
}

condition added(const subscription_facts& facts) {
  constexpr auto type = "AddedToChannel";
  if (facts.deleting)
    return no(type, "Deleting", "the subscription is being deleted");
  if (!facts.problem.empty())
    return no(type, "FollowFailed", facts.problem);
  if (!facts.found.ok() || !facts.found.channel_exists)
    return no(type, "NotResolved",
              "the subscription waits for what it refers to");
  if (!facts.followed || !facts.report || !facts.report->ready)
    return unknown(type, "Starting", "the subscription is being started");
  return yes(type);
}

/// Ours: a subscription that is paused keeps its place. Paused on request it
/// stays ready, because it will get every event; paused by an error it waits
/// for a person.
std::optional<condition> delivering(const subscription_facts& facts) {
  constexpr auto type = "Delivering";
  bool asked = facts.found.spec.paused;
  if (!asked && (!facts.report || !facts.report->paused))
    return {};
  auto reason = facts.report && facts.report->paused
                  ? facts.report->paused_reason
                  : std::string{"Requested"};
  std::string message = "delivery is paused; resume to go on";
  if (reason == "Gone")
    message = "the subscriber answered 410 Gone; resume to go on";
  else if (reason == "CorruptRecord")
    message = "the next event is damaged; seek to go on behind it";
  auto made = no(type, reason.empty() ? "Paused" : reason, std::move(message));
  made.info = asked || reason == "Requested";
  return made;
}

} // namespace

condition ready_of(const std::vector<condition>& dependent) {
  const condition* worst = nullptr;
  for (auto& x : dependent) {
    if (x.info || x.status == condition_status::yes)
      continue;
    if (!worst
        || (worst->status == condition_status::unknown
            && x.status == condition_status::no))
      worst = &x;
  }
  if (!worst)
    return yes("Ready");
  return {"Ready", worst->status, worst->reason, worst->message, false};
}

json::array write_conditions(const std::vector<condition>& all,
                             const json::object& old_status, int64_t now_ms) {
  json::array made;
  for (auto& x : all)
    made.push_back(write_condition(x, old_status, now_ms));
  return made;
}

json::object status_of(const channel_facts& facts,
                       std::string_view namespace_name, std::string_view name,
                       const json::object& old_status, uint64_t generation,
                       int64_t now_ms) {
  std::vector<condition> all{backing(facts), yes("Addressable")};
  if (facts.dead_letter)
    all.push_back(sink_condition(*facts.dead_letter));
  auto made = begin_status(std::move(all), old_status, generation, now_ms);
  made["address"] = json::object{{"url", channel_url(namespace_name, name)}};
  if (facts.dead_letter && facts.dead_letter->ok())
    made["deadLetterSinkUri"] = facts.dead_letter->uri;
  made["eventd"] = json::object{{"id", facts.id},
                                {"epoch", facts.epoch},
                                {"shard", facts.shard},
                                {"opened", facts.opened}};
  return made;
}

json::object status_of(const subscription_facts& facts,
                       const json::object& old_status, uint64_t generation,
                       int64_t now_ms) {
  std::vector<condition> all{references(facts), added(facts),
                             channel_ready(facts)};
  if (auto x = delivering(facts))
    all.push_back(std::move(*x));
  auto made = begin_status(std::move(all), old_status, generation, now_ms);
  json::object physical;
  // Emptied when anything is unresolved: half of it would be a lie.
  if (facts.found.ok()) {
    physical["subscriberUri"] = facts.found.subscriber.uri;
    if (!facts.found.reply.uri.empty())
      physical["replyUri"] = facts.found.reply.uri;
    if (!facts.found.dead_letter.uri.empty())
      physical["deadLetterSinkUri"] = facts.found.dead_letter.uri;
  }
  made["physicalSubscription"] = std::move(physical);
  return made;
}

void add_figures(json::object& status, const channel_status& report) {
  auto& own = status["eventd"].is_object() ? status["eventd"].get_object()
                                           : status["eventd"].emplace_object();
  own["earliestOffset"] = report.earliest.value;
  own["endOffset"] = report.end.value;
  own["bytes"] = report.bytes;
  own["published"] = report.published;
  own["duplicates"] = report.duplicates;
  if (report.corrupt_offset)
    own["corruptOffset"] = *report.corrupt_offset;
}

void add_figures(json::object& status, const subscription_status& report) {
  json::object own;
  own["offset"] = report.low.value;
  own["lag"] = report.end > report.low ? report.end - report.low : 0;
  own["inFlight"] = report.in_flight;
  own["waiting"] = report.waiting;
  own["delivered"] = report.delivered;
  own["attemptsFailed"] = report.attempts_failed;
  own["deadLettered"] = report.dead_lettered;
  own["givenUp"] = report.given_up;
  own["skipped"] = report.skipped;
  own["paused"] = report.paused;
  if (!report.paused_reason.empty())
    own["pausedReason"] = report.paused_reason;
  if (!report.last_error.empty())
    own["lastError"] = report.last_error;
  json::array given_up;
  for (auto& x : report.last_given_up)
    given_up.push_back(json::object{
      {"offset", x.offset.value}, {"code", x.code}, {"reason", x.reason}});
  if (!given_up.empty())
    own["lastGivenUp"] = std::move(given_up);
  status["eventd"] = std::move(own);
}

report_mark mark_of(const subscription_status& report) {
  return {report.ready, report.paused, report.paused_reason};
}

} // namespace eventd::actors
