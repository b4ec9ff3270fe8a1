// Copyright 2026 The eventd authors.
// SPDX-License-Identifier: Apache-2.0

#include "actors/resource/status.hpp"

#include <string>

#include <boost/json/serialize.hpp>

#include "tests/actors/resource/manifests.hpp"

namespace eventd::actors {

namespace {

/// "Type=Status/Reason", one after the other.
std::string conditions(const json::object& status) {
  std::string out;
  for (auto& x : status.at("conditions").get_array()) {
    const auto& c = x.get_object();
    out += (out.empty() ? "" : " ") + std::string{string_at(c, "type")} + '='
           + std::string{string_at(c, "status")};
    if (auto reason = string_at(c, "reason"); !reason.empty())
      out += '/' + std::string{reason};
  }
  return out;
}

std::string time_of(const json::object& status, std::string_view type) {
  for (auto& x : status.at("conditions").get_array())
    if (string_at(x.get_object(), "type") == type)
      return std::string{string_at(x.get_object(), "lastTransitionTime")};
  return {};
}

json::object of(const channel_facts& facts, const json::object& old = {},
                int64_t now_ms = 0) {
  return status_of(facts, "prod", "orders", old, 3, now_ms);
}

/// A Subscription that runs.
subscription_facts running() {
  subscription_facts made;
  made.found.channel_known = true;
  made.found.channel_exists = true;
  made.found.subscriber.uri = "http://sink/";
  made.channel = {"messaging.knative.dev/v1", "Channel", "prod", "orders"};
  made.channel_usable = true;
  made.followed = true;
  made.report.emplace();
  made.report->ready = true;
  return made;
}

json::object of(const subscription_facts& facts) {
  return status_of(facts, {}, 3, 0);
}

} // namespace

TEST_CASE("Ready is false by the first false, unknown by the first unknown",
          "[resource][status]") {
  condition good{"A", condition_status::yes, "", "", false};
  condition open{"B", condition_status::unknown, "Waiting", "w", false};
  condition bad{"C", condition_status::no, "Broken", "b", false};
  condition hint{"D", condition_status::no, "Hint", "h", true};
  CHECK(ready_of({good, hint}).status == condition_status::yes);
  CHECK(ready_of({good, open}).reason == "Waiting");
  CHECK(ready_of({open, bad}).status == condition_status::no);
  CHECK(ready_of({open, bad}).reason == "Broken");
}

TEST_CASE("a Channel's conditions tell how far it is", "[resource][status]") {
  channel_facts facts;
  facts.id = 5;
  CHECK(conditions(of(facts))
        == "BackingChannelReady=Unknown/Opening Addressable=True "
           "Ready=Unknown/Opening");
  facts.problem = "the disk is full";
  CHECK(conditions(of(facts))
        == "BackingChannelReady=False/OpenFailed Addressable=True "
           "Ready=False/OpenFailed");
  facts.problem.clear();
  facts.usable = facts.opened = true;
  auto status = of(facts);
  CHECK(conditions(status)
        == "BackingChannelReady=True Addressable=True Ready=True");
  CHECK(string_at(status, "address.url")
        == "http://orders-kn-channel.prod.svc.cluster.local");
  CHECK(number_at(status, "observedGeneration") == 3);
  CHECK(number_at(status, "eventd.id") == 5);
  facts.dead_letter = resolution{"", "RefNotFound", "no such"};
  CHECK(conditions(of(facts))
        == "BackingChannelReady=True Addressable=True "
           "DeadLetterSinkResolved=False/RefNotFound Ready=False/RefNotFound");
  facts.dead_letter = resolution{"http://dead", "", ""};
  CHECK(string_at(of(facts), "deadLetterSinkUri") == "http://dead");
}

TEST_CASE("a condition's time changes only when its status does",
          "[resource][status]") {
  channel_facts facts;
  auto first = of(facts, {}, 1'000);
  auto same = of(facts, first, 9'000);
  CHECK(same == first);
  facts.usable = true;
  auto second = of(facts, first, 9'000);
  CHECK(time_of(second, "BackingChannelReady") == "1970-01-01T00:00:09Z");
  CHECK(time_of(second, "Addressable") == "1970-01-01T00:00:01Z");
  CHECK(time_of(second, "Ready") == "1970-01-01T00:00:09Z");
}

TEST_CASE("a status read back from its text is the same status",
          "[resource][status]") {
  channel_facts facts;
  facts.id = facts.epoch = 4;
  facts.shard = 3;
  auto made = of(facts);
  auto read = tests::document(json::serialize(made));
  CHECK(of(facts, read, 9'000) == read);
}

TEST_CASE("a Subscription is Ready only when it runs", "[resource][status]") {
  CHECK(conditions(of(running()))
        == "ReferencesResolved=True AddedToChannel=True ChannelReady=True "
           "Ready=True");
  CHECK(string_at(of(running()), "physicalSubscription.subscriberUri")
        == "http://sink/");
  auto starting = running();
  starting.report->ready = false;
  CHECK(conditions(of(starting))
        == "ReferencesResolved=True AddedToChannel=Unknown/Starting "
           "ChannelReady=True Ready=Unknown/Starting");
  auto failed = running();
  failed.problem = "why";
  CHECK(conditions(of(failed)).ends_with("Ready=False/FollowFailed"));
  auto orphan = running();
  orphan.found.channel_exists = false;
  CHECK(conditions(of(orphan))
        == "ReferencesResolved=True AddedToChannel=False/NotResolved "
           "ChannelReady=False/ChannelNotFound Ready=False/NotResolved");
  auto waiting = running();
  waiting.channel_usable = false;
  CHECK(conditions(of(waiting)).ends_with("Ready=Unknown/ChannelOpening"));
  waiting.channel_problem = "why";
  CHECK(conditions(of(waiting)).ends_with("Ready=False/ChannelNotReady"));
}

TEST_CASE("a Subscription with an unresolved reference names it and shows no "
          "URI",
          "[resource][status]") {
  auto facts = running();
  facts.found.reply = {"", "RefNotFound", "prod/gone does not exist"};
  auto status = of(facts);
  CHECK(conditions(status).starts_with("ReferencesResolved=False/RefNotFound"));
  CHECK(object_at(status, "physicalSubscription").empty());
  auto message = status.at("conditions").at(0).at("message").as_string();
  CHECK(message == "spec.reply: prod/gone does not exist");
}

TEST_CASE("a pause on request leaves a Subscription ready, one by an error "
          "does not",
          "[resource][status]") {
  auto asked = running();
  asked.found.spec.paused = true;
  CHECK(conditions(of(asked)).ends_with("Delivering=False/Requested "
                                        "Ready=True"));
  auto gone = running();
  gone.report->paused = true;
  gone.report->paused_reason = "Gone";
  CHECK(conditions(of(gone)).ends_with("Delivering=False/Gone "
                                       "Ready=False/Gone"));
}

TEST_CASE("words that are no UTF-8 are stored so that they can be read again",
          "[resource][status]") {
  channel_facts facts;
  facts.problem = "the disk \xff\xc3\xa9";
  auto status = of(facts);
  auto message = status.at("conditions").at(0).at("message").as_string();
  CHECK(message == "the disk ???");
  CHECK(packed_document{status}.unpack() == status);
  facts.problem = "the disk \xc3\xa9";
  status = of(facts);
  CHECK(status.at("conditions").at(0).at("message").as_string()
        == "the disk \xc3\xa9");
}

TEST_CASE("live figures are added to what is shown", "[resource][status]") {
  subscription_status report;
  report.low = log_offset{3};
  report.end = log_offset{10};
  report.dead_lettered = 2;
  report.last_error = "503";
  report.last_given_up.push_back({log_offset{1}, 400, "bad"});
  json::object status;
  add_figures(status, report);
  CHECK(number_at(status, "eventd.lag") == 7);
  CHECK(number_at(status, "eventd.deadLettered") == 2);
  CHECK(string_at(status, "eventd.lastError") == "503");
  CHECK(find_path(status, "eventd.lastGivenUp")->at(0).at("code") == 400);
  channel_status channel;
  channel.end = log_offset{9};
  auto shown = of(channel_facts{});
  add_figures(shown, channel);
  CHECK(number_at(shown, "eventd.endOffset") == 9);
  CHECK(find_path(shown, "eventd.shard") != nullptr);
}

} // namespace eventd::actors
