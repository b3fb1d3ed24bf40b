#include "db/token.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::db;

namespace {

TokenKey key_of(char byte) { return *TokenKey::create(std::string(32, byte)); }

bool share(const std::vector<Token>& a, const std::vector<Token>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const Token& token) { return std::find(b.begin(), b.end(), token) != b.end(); });
}

}  // namespace

TEST_CASE("tokens depend on the key, the meaning and every field") {
  const TokenKey key = key_of('k');
  const TokenKey other = key_of('o');
  std::set<Token> tokens{key.handle("wickr", "hwdemo_a"),
                         key.handle("wickr", "hwdemo_b"),
                         key.handle("kik", "hwdemo_a"),
                         key.handle("wick", "rhwdemo_a"),
                         key.post("wickr", "hwdemo_a"),
                         key.event("wickr", "hwdemo_a"),
                         other.handle("wickr", "hwdemo_a"),
                         key.trace(key.handle("wickr", "hwdemo_a")),
                         key.hold(key.handle("wickr", "hwdemo_a")),
                         key.check(),
                         other.check()};
  CHECK(tokens.size() == 11);
  for (const Token& token : tokens) CHECK(token.size() == 16);
  CHECK(key.handle("Wickr", "hwdemo_a") == key.handle("wickr", "hwdemo_a"));
  CHECK(key.handle("session", "AB") != key.handle("session", "ab"));
  CHECK_FALSE(TokenKey::create("short").has_value());
}

TEST_CASE("an account is its id, else its folded name") {
  const TokenKey key = key_of('k');
  CHECK(key.met({"p", "", "Gärtner"}) == key.met({"P", "", " GÄRTNER "}));
  CHECK(key.met({"p", "", "@name"}) == key.met({"p", "", "name"}));
  CHECK(key.met({"p", "7", "Old"})[0] == key.met({"p", "7", "New"})[0]);
  CHECK(key.met({"p", "7", "a"})[0] != key.met({"q", "7", "a"})[0]);
  CHECK(key.met({"p", "", ""}).empty());
  CHECK(key.met({"p", "a", ""})[0] != key.met({"p", "", "a"})[0]);
}

TEST_CASE("a decision meets an account by id where both have one, else by name") {
  const TokenKey key = key_of('k');
  const auto concerns = [&](AccountName decided, AccountName met) { return share(key.decided(decided), key.met(met)); };
  CHECK(concerns({"p", "7", "bob"}, {"p", "7", "robert"}));
  CHECK_FALSE(concerns({"p", "7", "bob"}, {"p", "8", "bob"}));
  CHECK(concerns({"p", "", "Bob"}, {"p", "8", "bob"}));
  CHECK(concerns({"p", "7", "bob"}, {"p", "", "bob"}));
  CHECK(concerns({"p", "", "bob"}, {"p", "", "bob"}));
  CHECK_FALSE(concerns({"p", "7", ""}, {"p", "", "7"}));
  CHECK_FALSE(concerns({"p", "", "bob"}, {"q", "", "bob"}));
}

TEST_CASE("a fingerprint is of what a post says, not of when or where it was read") {
  const TokenKey key = key_of('k');
  Post post;
  post.platform = "p";
  post.id = "1";
  post.text = "words";
  post.tags = {"a", "b"};
  Post same = post;
  same.created_at = Time{};
  same.source = "elsewhere";
  same.url = "https://p.example/?sid=1";
  CHECK(key.fingerprint(same, "r") == key.fingerprint(post, "r"));
  CHECK(key.fingerprint(post, "r") != key.fingerprint(post, "s"));
  for (int i = 0; i < 7; ++i) {
    Post changed = post;
    if (i == 0) changed.text += "!";
    if (i == 1) changed.tags = {"ab"};
    if (i == 2) changed.author = "x";
    if (i == 3) changed.author_bio = "x";
    if (i == 4) changed.links = {{"https://a.example", ""}};
    if (i == 5) changed.quotes = {"q"};
    if (i == 6) changed.id = "2";
    CHECK(key.fingerprint(changed, "r") != key.fingerprint(post, "r"));
  }
}

TEST_CASE("what is concealed comes back with the key alone") {
  const TokenKey key = key_of('k');
  const std::string concealed = key.conceal("1795341600000");
  CHECK(concealed.find("17953") == std::string::npos);
  CHECK(*key.reveal(concealed) == "1795341600000");
  CHECK(key_of('o').reveal(concealed).error().code == ErrorCode::tampered);
  CHECK(key.reveal("short").error().code == ErrorCode::tampered);
  CHECK(key.conceal("same") != key.conceal("same"));
}
