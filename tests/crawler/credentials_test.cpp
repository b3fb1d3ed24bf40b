#include "crawler/credentials.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "crawler/crawler.h"
#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;

namespace {

const std::string kApi = "https://api.test/new";
const std::string kEndpoint = "https://login.test/token";
const std::vector<Header> kJson{{"Content-Type", "application/json"}};

Access app_token() {
  Access access;
  access.site = "https://api.test";
  access.show = Access::Show::bearer;
  access.exchange.endpoint = kEndpoint;
  access.exchange.fields = {{"grant_type", "client_credentials", ""}};
  access.exchange.basic_user = "client_id";
  access.exchange.basic_password = "client_secret";
  access.needs = {"client_id", "client_secret"};
  return access;
}

// A source of an API on its own host, whose tokens come from another.
struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  test::FakeSite site{clock};
  config::SourceSpec source = test::source_at("https://www.test/r/garden");
  Access access = app_token();
  Secrets secrets{{"client_id", "me"}, {"client_secret", "hush"}};
  std::string path = kApi;
  std::vector<Event> events;
  std::vector<Document> handed;
  std::optional<Frontier> frontier;
  std::optional<Crawler> crawler;

  World() {
    open();
    site.pages[kEndpoint] = {200, R"({"access_token":"t1","expires_in":3600})", kJson, 50ms, {}};
    site.pages[kApi] = {200, "post a\n", kJson, 50ms, {}};
  }
  void open() {
    crawler.reset();
    frontier.reset();
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
    CrawlerOptions options;
    options.jitter = [] { return 0.0; };
    crawler.emplace(*frontier, site, clock, options);
  }
  RunReport run() {
    const auto handler = [this](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
      handed.push_back(document);
      return test::read_lines(document);
    };
    const auto report = crawler->run({{&source, {{path, PageRole::entry, ""}}, access, secrets}}, handler,
                                     [this](const Event& event) { events.push_back(event); }, {});
    REQUIRE_OK(report);
    return *report;
  }
  std::string trouble() const { return frontier->health()->front().trouble; }
  std::vector<std::string> shown_to(const std::string& url) const {
    std::vector<std::string> out;
    for (const auto& access_log : site.log)
      if (access_log.url == url) out.push_back(access_log.sent.authorization);
    return out;
  }
};

}  // namespace

TEST_CASE("a token is had by one POST to the endpoint, shown to the API alone, and robots.txt is not asked there") {
  World world;
  world.run();
  REQUIRE(world.site.log.size() == 2);
  const FetchRequest& exchange = world.site.log[0].sent;
  CHECK(exchange.request.url == kEndpoint);
  CHECK(exchange.post == "grant_type=client_credentials");
  CHECK(exchange.basic_user == "me");
  CHECK(exchange.basic_password == "hush");
  CHECK(exchange.authorization.empty());
  const FetchRequest& page = world.site.log[1].sent;
  CHECK(page.request.url == kApi);
  CHECK(page.authorization == "Bearer t1");
  CHECK_FALSE(page.post.has_value());
  CHECK(page.basic_user.empty());
  CHECK(world.handed.size() == 1);
}

TEST_CASE("a token serves until shortly before its end, over runs, and is then renewed") {
  World world;
  world.run();
  world.clock.advance(30min);
  world.run();
  CHECK(world.site.asked(kEndpoint) == 1);
  world.site.pages[kEndpoint].body = R"({"access_token":"t2","expires_in":3600})";
  world.clock.advance(29min);
  world.run();
  CHECK(world.site.asked(kEndpoint) == 2);
  CHECK(world.shown_to(kApi) == std::vector<std::string>{"Bearer t1", "Bearer t1", "Bearer t2"});
}

TEST_CASE("a token that the API calls no good is had anew, once") {
  World world;
  world.run();
  world.clock.advance(10min);
  world.site.pages[kEndpoint].body = R"({"access_token":"t2"})";
  world.site.serve = [&](const std::string& url) -> std::optional<Answer> {
    if (url == kApi && world.site.log.size() == 3) return std::nullopt;
    if (url == kApi && world.site.asked(kEndpoint) < 2) return Answer{401, "", kJson, 50ms, {}};
    return std::nullopt;
  };
  world.run();
  CHECK(world.shown_to(kApi) == std::vector<std::string>{"Bearer t1", "Bearer t1", "Bearer t2"});
  CHECK(world.trouble() == "");
  world.site.serve = [&](const std::string& url) -> std::optional<Answer> {
    if (url == kApi) return Answer{401, "", kJson, 50ms, {}};
    return std::nullopt;
  };
  world.clock.advance(10min);
  world.run();
  CHECK(world.site.asked(kApi) == 5);
  CHECK(world.trouble() == "the entry page answers 401");
}

TEST_CASE("credentials that the endpoint refuses are the source's trouble, said without them") {
  World world;
  world.site.pages[kEndpoint] = {401, "hush me", kJson, 50ms, {}};
  const RunReport report = world.run();
  CHECK(report.pages == 0);
  CHECK(world.site.asked(kApi) == 0);
  CHECK(world.trouble() ==
        "the token endpoint refuses the credentials (401); check the variables that the source's credentials name");
  for (const Event& event : world.events) CHECK(event.what.find("hush") == std::string::npos);
  world.clock.advance(30min);
  world.site.pages[kEndpoint] = {200, R"({"access_token":"t1"})", kJson, 50ms, {}};
  world.run();
  CHECK(world.trouble() == "");
  CHECK(world.handed.size() == 1);
}

TEST_CASE("an endpoint that answers nonsense, redirects or is away") {
  for (const Answer& bad :
       {Answer{200, "<html>", kJson, 50ms, {}}, Answer{200, "", kJson, 50ms, {}}, Answer{200, "[]", kJson, 50ms, {}},
        Answer{200, R"({"access_token":7})", kJson, 50ms, {}},
        Answer{200, R"({"access_token":"a\r\nb"})", kJson, 50ms, {}},
        Answer{302, "", {{"Location", "https://evil.test/"}}, 50ms, {}}, Answer{404, "", kJson, 50ms, {}},
        Answer{0, "", {}, 50ms, Error{ErrorCode::refused, "its type is image/png, only text is read"}}}) {
    World world;
    world.site.pages[kEndpoint] = bad;
    world.run();
    CHECK(world.site.log.size() == 1);
    CHECK_FALSE(world.trouble().empty());
    CHECK(world.handed.empty());
  }
  World away;
  away.site.pages[kEndpoint] = {503, "", {{"Retry-After", "3600"}}, 50ms, {}};
  away.run();
  CHECK(away.trouble() == "its token endpoint is to be left alone");
  away.open();  // what the endpoint said survives a restart
  away.clock.advance(10min);
  away.run();
  CHECK(away.site.log.size() == 1);
  away.site.pages[kEndpoint] = {200, R"({"access_token":"t1"})", kJson, 50ms, {}};
  away.clock.advance(1h);
  away.run();
  CHECK(away.handed.size() == 1);
}

TEST_CASE("a token never follows a redirect") {
  World world;
  world.site.pages[kApi] = {302, "", {{"Location", "/elsewhere"}}, 50ms, {}};
  world.site.pages["https://api.test/elsewhere"] = {200, "post a\n", kJson, 50ms, {}};
  world.run();
  CHECK(world.shown_to("https://api.test/elsewhere") == std::vector<std::string>{""});
  world.site.pages[kApi].headers = {{"Location", "https://evil.test/"}};
  world.clock.advance(1h);
  world.run();
  CHECK(world.site.asked("https://evil.test/") == 0);
}

TEST_CASE("pages of another host, the source's own too, are refused") {
  World world;
  world.path = "https://www.test/r/garden";
  const RunReport report = world.run();
  CHECK(report.refused == 1);
  CHECK(world.site.log.empty());
}

TEST_CASE("a key in the query reaches the server and nothing else") {
  World world;
  world.access = {};
  world.access.site = "https://api.test";
  world.access.show = Access::Show::parameter;
  world.access.credential = "api_key";
  world.access.parameter = "api_key";
  world.secrets = {{"api_key", "hush/+1"}};
  world.run();
  REQUIRE(world.site.log.size() == 1);
  CHECK(world.site.log[0].url == kApi);
  CHECK(world.site.log[0].sent.secret_parameter == "api_key=hush%2F%2B1");
  CHECK(world.handed.front().url == kApi);
  CHECK(world.handed.front().request.url == kApi);
  for (const Event& event : world.events) CHECK(event.what.find("hush") == std::string::npos);
  world.crawler.reset();
  world.frontier.reset();
  for (const auto& file : std::filesystem::directory_iterator(world.folder.path()))
    CHECK(test::read_file(file.path()).find("hush") == std::string::npos);
}

TEST_CASE("a session is opened with JSON, and its token lasts as long as we say where the answer does not") {
  World world;
  world.access.exchange.body = TokenExchange::Body::json;
  world.access.exchange.basic_user.clear();
  world.access.exchange.fields = {{"identifier", "", "client_id"}, {"password", "", "client_secret"}};
  world.access.exchange.token_key = "accessJwt";
  world.access.exchange.lifetime_key = "";
  world.access.exchange.lifetime = 90min;
  world.site.pages[kEndpoint].body = R"({"accessJwt":"j1","refreshJwt":"r","did":"did:plc:x"})";
  world.run();
  CHECK(world.site.log[0].sent.post == R"({"identifier":"me","password":"hush"})");
  CHECK(world.site.log[0].sent.post_type == "application/json");
  CHECK(world.shown_to(kApi) == std::vector<std::string>{"Bearer j1"});
  world.clock.advance(87min);
  world.run();
  CHECK(world.site.asked(kEndpoint) == 1);
  world.clock.advance(2min);
  world.run();
  CHECK(world.site.asked(kEndpoint) == 2);
}

TEST_CASE("an allowance that is used up puts the source off until its reset, over a restart") {
  World world;
  world.site.pages[kApi].body = "post a\n" + test::link_line({"https://api.test/more", PageRole::listing, ""});
  world.site.pages[kApi].headers.push_back({"X-Ratelimit-Remaining", "0"});
  world.site.pages[kApi].headers.push_back({"X-Ratelimit-Reset", "600"});
  world.site.pages["https://api.test/more"] = {200, "post b\n", kJson, 50ms, {}};
  world.run();
  CHECK(world.handed.size() == 1);
  CHECK(world.trouble() == "the API's allowance is used up");
  world.open();
  world.clock.advance(5min);
  world.run();
  CHECK(world.handed.size() == 1);
  world.clock.advance(5min);
  world.run();
  CHECK(world.handed.size() == 2);  // goes on where it was: the entry was read in this run
  CHECK(world.site.asked("https://api.test/more") == 1);
}

TEST_CASE("a place that the API does not know any more is forgotten: the next run begins afresh") {
  World world;
  world.site.pages[kApi].body = "post a\ncursor 17\n";
  world.run();
  CHECK(world.frontier->cursor("garden") == "17");
  world.clock.advance(1h);
  world.site.pages[kApi].body = "post b\n";
  world.run();
  CHECK(world.handed.back().cursor == "17");
  world.site.pages[kApi] = {400, "", kJson, 50ms, {}};
  world.clock.advance(1h);
  world.run();
  CHECK(world.trouble() == "the entry page answers 400");
  CHECK(world.frontier->cursor("garden") == "");
}

TEST_CASE("sources that share credentials share the token") {
  World world;
  config::SourceSpec other = test::source_at("https://www.test/r/baking", "baking");
  world.site.pages["https://api.test/other"] = {200, "post b\n", kJson, 50ms, {}};
  const auto handler = [](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    return test::read_lines(document);
  };
  const auto report =
      world.crawler->run({{&world.source, {{kApi, PageRole::entry, ""}}, world.access, world.secrets},
                          {&other, {{"https://api.test/other", PageRole::entry, ""}}, world.access, world.secrets}},
                         handler, {}, {});
  REQUIRE_OK(report);
  CHECK(report->pages == 2);
  CHECK(world.site.asked(kEndpoint) == 1);
}
