// Alarms: what is told, to whom, how it is signed, and that trying again has an end.
#include "app/alarm.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/hook.h"
#include "app/upkeep.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::app;
using namespace std::chrono_literals;

namespace {

const Time kNow = *parse_rfc3339("2026-11-22T10:00:00Z");

std::string script(const std::filesystem::path& file, std::string_view body) {
  test::write_file(file, "#!/bin/sh\n" + std::string(body));
  ::chmod(file.c_str(), 0755);
  return file.string();
}

template <class Condition>
bool comes_true(const Condition& condition) {
  for (int tries = 0; tries < 2000 && !condition(); ++tries) ::usleep(10'000);
  return condition();
}

struct Posted {
  std::string url;
  std::string body;
  std::string signature;
};

// Takes what is posted, after so many tries that fail.
struct Receiver {
  std::mutex mutex;
  std::vector<Posted> posted;
  std::atomic<int> failing = 0;

  AlarmSender::Post post() {
    return [this](const crawler::FetchRules&, const std::string& url, const std::string& body,
                  const std::string& signature) -> Status {
      const std::lock_guard lock(mutex);
      posted.push_back({url, body, signature});
      if (failing-- > 0) return fail(ErrorCode::network, "the webhook answers 503");
      return {};
    };
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return posted.size();
  }
};

// Listens on loopback, takes one request with a body of at least two bytes, and answers it.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 4) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/in"; }
  std::string asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void serve(const std::string& answer) {
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    std::string request;
    std::string part(4096, '\0');
    while (request.find("\r\n\r\n") == std::string::npos || request.ends_with("\r\n\r\n")) {
      const ssize_t size = ::recv(connection, part.data(), part.size(), 0);
      if (size <= 0) break;
      request.append(part, 0, static_cast<std::size_t>(size));
    }
    {
      const std::lock_guard lock(mutex_);
      asked_ = request;
    }
    static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
    ::close(connection);
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string asked_;
  std::thread thread_;
};

config::Alarm webhook() {
  config::Alarm alarm;
  alarm.webhook = "https://alerts.test/in";
  alarm.secret = "HW_TEST_ALERT_SECRET";
  return alarm;
}

}  // namespace

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST_CASE("the signature is HMAC-SHA-256 of the raw body") {
  CHECK(webhook_signature(std::string(20, '\x0b'), "Hi There") ==
        "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(webhook_signature("Jefe", "what do ya want for nothing?") ==
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(webhook_signature(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("what is told: the event, the source, the words; of safeguarding the event alone") {
  const AlarmCall broken{AlarmKind::source_broken, "garden", "login wall", kNow};
  CHECK(hook_arguments(broken) == std::vector<std::string>{"source_broken", "garden", "login wall"});
  CHECK(webhook_body(broken, "id1") == R"({"schema":1,"event_id":"id1","event":"source_broken","source":"garden",)"
                                       R"("what":"login wall","at":"2026-11-22T10:00:00Z"})");
  const AlarmCall waits{AlarmKind::safeguarding_waits, "", "", kNow};
  CHECK(webhook_body(waits, "id2") ==
        R"({"schema":1,"event_id":"id2","event":"safeguarding_waits","at":"2026-11-22T10:00:00Z"})");
  CHECK(hook_arguments({AlarmKind::source_broken, "garden", "a\nb\x1b[31m", kNow})[2] == "a\\nb\\x1b[31m");
}

TEST_CASE("five tries, with pauses that double") {
  CHECK(*wait_before_try(0) == 0s);
  CHECK(*wait_before_try(1) == 30s);
  CHECK(*wait_before_try(2) == 60s);
  CHECK(*wait_before_try(3) == 120s);
  CHECK(*wait_before_try(4) == 240s);
  CHECK_FALSE(wait_before_try(5).has_value());
}

TEST_CASE("a webhook that fails is tried again with the same event and its signature, and then given up") {
  ::setenv("HW_TEST_ALERT_SECRET", "key", 1);
  Receiver receiver;
  receiver.failing = 100;
  {
    AlarmSender sender(receiver.post(), 1ms);
    sender.send(webhook(), {AlarmKind::source_broken, "garden", "login wall", kNow});
    CHECK(comes_true([&] { return receiver.count() == 5; }));
    ::usleep(300'000);
    CHECK(receiver.count() == 5);
    receiver.failing = 2;
    sender.send(webhook(), {AlarmKind::source_recovered, "garden", "", kNow});
    CHECK(comes_true([&] { return receiver.count() == 8; }));
    ::usleep(200'000);
  }
  REQUIRE(receiver.posted.size() == 8);
  for (const Posted& posted : receiver.posted) CHECK(posted.signature == webhook_signature("key", posted.body));
  for (int i = 1; i < 5; ++i) CHECK(receiver.posted[i].body == receiver.posted[0].body);
  CHECK(receiver.posted[5].body != receiver.posted[0].body);
}

TEST_CASE("without its secret a webhook is not sent unsigned") {
  ::unsetenv("HW_TEST_ALERT_SECRET");
  Receiver receiver;
  AlarmSender sender(receiver.post(), 1ms);
  sender.send(webhook(), {AlarmKind::source_broken, "garden", "x", kNow});
  ::usleep(300'000);
  CHECK(receiver.count() == 0);
}

TEST_CASE("a secret comes from systemd's credentials first, then from the environment") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "HW_TEST_ALERT_SECRET", "from systemd\n");
  ::setenv("HW_TEST_ALERT_SECRET", "from the environment", 1);
  CHECK(*named_secret("HW_TEST_ALERT_SECRET") == "from the environment");
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(*named_secret("HW_TEST_ALERT_SECRET") == "from systemd");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::unsetenv("HW_TEST_ALERT_SECRET");
  const auto none = named_secret("HW_TEST_ALERT_SECRET");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().message.find("LoadCredential=") != std::string::npos);
}

TEST_CASE("a hook gets its arguments as they are: no shell, and nothing of our environment") {
  const test::TemporaryFolder folder;
  ::setenv("HW_TEST_ALERT_SECRET", "key", 1);
  const std::string out = (folder / "out").string();
  const std::string program = script(folder / "hook", "printf '%s\\n' \"$@\" > " + out + "\nenv >> " + out + "\n");
  REQUIRE_OK(run_hook({program, "$(touch x)", "a b", "; rm -rf *", "'"}, 10s, {}));
  const std::string told = test::read_file(out);
  CHECK(told.starts_with("$(touch x)\na b\n; rm -rf *\n'\n"));
  CHECK(told.find("HW_TEST_ALERT_SECRET") == std::string::npos);
  ::unsetenv("HW_TEST_ALERT_SECRET");
}

TEST_CASE("a hook that hangs is killed with what it started; one that fails says how") {
  const test::TemporaryFolder folder;
  const std::string pid_file = (folder / "pid").string();
  const std::string hangs = script(folder / "hangs", "sleep 600 &\necho $! > " + pid_file + "\nsleep 600\n");
  const auto hung = run_hook({hangs, "secret words"}, 300ms, {});
  REQUIRE_FALSE(hung.has_value());
  CHECK(hung.error().message.find("did not end within") != std::string::npos);
  CHECK(hung.error().message.find("secret words") == std::string::npos);
  const pid_t child = std::stoi(test::read_file(pid_file));
  // Gone, or a zombie that nobody of ours has to bury.
  CHECK(comes_true([&] {
    std::error_code ignored;
    const auto stat = "/proc/" + std::to_string(child) + "/stat";
    return !std::filesystem::exists(stat, ignored) || test::read_file(stat).find(") Z ") != std::string::npos;
  }));
  const auto failed = run_hook({script(folder / "fails", "exit 7\n")}, 10s, {});
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().message.find("ended with status 7") != std::string::npos);
  const auto absent = run_hook({(folder / "absent").string()}, 10s, {});
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().message.find("cannot be started") != std::string::npos);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(run_hook({hangs}, 60s, stop.get_token()).has_value());
}

TEST_CASE("a webhook's request is a signed POST of the body, through the address guard, and no redirect is followed") {
  OneAnswer server("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  crawler::FetchRules rules;
  const auto refused = guarded_post(rules, server.url(), "{}", "sha256=00");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message.find("a loopback address") != std::string::npos);
  rules.network_allow = {"127.0.0.0/8"};
  REQUIRE_OK(guarded_post(rules, server.url(), "{\"a\":1}", "sha256=00ff"));
  const std::string asked = server.asked();
  CHECK(asked.starts_with("POST /in HTTP/1.1\r\n"));
  CHECK(asked.find("\r\nX-Handlewatch-Signature-256: sha256=00ff\r\n") != std::string::npos);
  CHECK(asked.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(asked.ends_with("\r\n\r\n{\"a\":1}"));
  OneAnswer elsewhere("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n");
  const auto redirected = guarded_post(rules, elsewhere.url(), "{}", "sha256=00");
  REQUIRE_FALSE(redirected.has_value());
  CHECK(redirected.error().message == "the webhook answers 307");
}

TEST_CASE("an alarm goes by program and by webhook, each on its own") {
  ::setenv("HW_TEST_ALERT_SECRET", "key", 1);
  const test::TemporaryFolder folder;
  const std::string out = (folder / "out").string();
  config::Alarm both = webhook();
  both.run = {script(folder / "hook", "echo \"$@\" >> " + out + "\n"), "operators"};
  Receiver receiver;
  receiver.failing = 1;
  AlarmSender sender(receiver.post(), 1ms);
  sender.send(both, {AlarmKind::review_waits, "", "a hit waits", kNow});
  CHECK(comes_true([&] { return receiver.count() == 2; }));
  CHECK(comes_true([&] { return test::read_file(out) == "operators review_waits  a hit waits\n"; }));
  ::unsetenv("HW_TEST_ALERT_SECRET");
}

TEST_CASE("what was not delivered before the end is told again after the next start; what was is not") {
  const test::TemporaryFolder folder;
  const test::FakeClock clock;
  auto frontier = crawler::Frontier::open(folder / "frontier.db", clock);
  REQUIRE_OK(frontier);
  REQUIRE_OK(frontier->begin_run("garden", {}, std::chrono::hours(1)));
  REQUIRE_OK(frontier->note_told("garden", true));
  REQUIRE_OK(frontier->note_alarm("review_waits", clock.now()));
  REQUIRE_OK(frontier->note_alarm("safeguarding_waits", clock.now()));
  AlarmSender alarms([](const auto&...) { return Status(fail(ErrorCode::network, "away")); });
  config::Alarm by_webhook;
  by_webhook.webhook = "http://127.0.0.1:9/";
  by_webhook.secret = "HW_TEST_ABSENT_SECRET";
  alarms.send(by_webhook, {AlarmKind::review_waits, "", "a hit waits", clock.now()});
  alarms.send(by_webhook, {AlarmKind::source_broken, "garden", "away", clock.now()});
  const auto undelivered = alarms.stop();
  CHECK(undelivered.size() == 2);
  REQUIRE_OK(forget_told(*frontier, undelivered));
  CHECK_FALSE(frontier->alarm_told("review_waits").has_value());
  CHECK(frontier->alarm_told("safeguarding_waits").has_value());
  CHECK_FALSE(frontier->health()->front().told_broken.has_value());
}
