// A store in a temporary folder with open keys, and posts with invented handles.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/text.h"
#include "db/people.h"
#include "db/referrals.h"
#include "db/store.h"
#include "tests/support/support.h"

namespace hw::test {

struct TestStore {
  TemporaryFolder parent;
  std::filesystem::path folder = parent / "data";
  FakeClock clock;
  std::unique_ptr<db::Store> store;
  std::map<std::string, db::Person> people;

  explicit TestStore(db::Policy policy = {}) {
    REQUIRE_OK(db::Store::create(folder, clock, {}));
    reopen(policy);
  }

  void reopen(db::Policy policy = {}) {
    store.reset();
    auto opened = db::Store::open(folder, clock, policy);
    REQUIRE_OK(opened);
    store = std::move(*opened);
  }

  // Somebody who is enrolled here, without a passphrase; made when first asked for. " ALICE " is alice, as to keys.
  const db::Person& person(const std::string& name, db::Roles roles = {db::Role::reviewer}) {
    const auto folded = db::person_name(name);
    REQUIRE_OK(folded);
    const auto known = people.find(*folded);
    if (known != people.end()) return known->second;
    auto made = db::Person::make(name, roles);
    REQUIRE_OK(made);
    REQUIRE_OK(db::enroll(*store, owner(), made->face()));
    return people.emplace(*folded, std::move(*made)).first->second;
  }

  // The first person, who has every role.
  const db::Person& owner() {
    const auto known = people.find("owner");
    if (known != people.end()) return known->second;
    auto opened = db::unlock_person(*store, "owner", {});
    REQUIRE_OK(opened);
    return people.emplace("owner", std::move(*opened)).first->second;
  }

  const db::Person& exporter() { return person("erin", {db::Role::exporter}); }

  db::Opener opener(db::KeyClass key_class = db::KeyClass::review) {
    auto opened = db::unlock(*store, owner(), key_class);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }

  db::Recorded record(const std::vector<db::Judged>& posts) {
    const auto recorded = store->record(posts);
    REQUIRE_OK(recorded);
    return *recorded;
  }

  db::Recorded record(const db::Judged& post) { return record(std::vector{post}); }
};

struct Advert {
  std::string id = "p1";
  std::string author = "Gardener";
  std::string handle = "hwdemo_rose";
  std::string platform = "forum.example";
  std::string messenger = "wickr";
  Band band = Band::medium;
  std::vector<Flag> flags{};
  std::string text{};
  std::string author_id{};
  Intent intent = Intent::advertised;
};

inline db::Judged judged(const Advert& advert, Time seen_at = *parse_rfc3339("2026-11-22T09:30:00Z")) {
  db::Judged out;
  Post& post = out.post;
  post.id = advert.id;
  post.platform = advert.platform;
  post.source = "garden";
  post.url = "https://" + advert.platform + "/viewtopic.php?p=" + advert.id;
  post.author = advert.author;
  post.author_id = advert.author_id;
  post.title = "nolimits swap";
  post.text = advert.text.empty() ? "my " + advert.messenger + " is " + advert.handle : advert.text;
  post.created_at = seen_at - std::chrono::hours(1);
  out.seen_at = seen_at;
  Verdict& verdict = out.verdict;
  verdict.post_id = advert.id;
  verdict.band = advert.band;
  verdict.score = 0.75;
  verdict.rules_hash = "rules-1";
  verdict.flags = advert.flags;
  verdict.rules = {{"term.nolimits", "title", {0, 8}, 1.2}};
  verdict.reasons = {advert.messenger + " handle advertised (0.97)", "term.nolimits +1.2"};
  if (!advert.handle.empty()) {
    const std::size_t at = post.text.find(advert.handle);
    const std::size_t from = at == std::string::npos ? 0 : at;
    verdict.handles = {{advert.messenger,
                        HandleType::user,
                        advert.handle,
                        advert.handle,
                        "text",
                        {from, from + advert.handle.size()},
                        advert.intent,
                        0.97}};
  }
  return out;
}

inline db::Judged no_hit(const std::string& id, const std::string& text) {
  db::Judged out = judged({.id = id, .handle = "", .text = text});
  out.verdict.band = Band::none;
  out.verdict.rules.clear();
  return out;
}

}  // namespace hw::test
