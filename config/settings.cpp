#include "config/settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "common/text.h"
#include "common/url.h"
#include "config/proxy.h"
#include "config/rules.h"
#include "config/yaml_reader.h"

namespace hw::config {
namespace {

constexpr std::size_t kMostSources = 10000;

bool is_placeholder(std::string_view value) {
  const std::string lower = to_lower(value);
  constexpr std::string_view kSigns[] = {"example.org", "example.com", "example.net", "todo", "changeme", "change me",
                                         "your ",       "placeholder", "fixme",       "…",    "..."};
  const auto holds = [&](std::string_view sign) { return lower.find(sign) != std::string::npos; };
  return lower.starts_with("example ") || std::any_of(std::begin(kSigns), std::end(kSigns), holds);
}

bool usable_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Operator read_operator(Reader node) {
  Operator out;
  out.organisation = node.text("organisation");
  out.contact = node.text("contact");
  out.legal_basis = node.text("legal_basis");
  out.controller = node.text("controller");
  out.assessment = node.text("assessment");
  node.finish();
  return out;
}

// "10.0.0.0/8", "fd00::/8", or a single address.
bool is_range(std::string_view text) {
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  unsigned char bytes[sizeof(in6_addr)];
  const bool six = inet_pton(AF_INET6, address.c_str(), bytes) == 1;
  if (!six && inet_pton(AF_INET, address.c_str(), bytes) != 1) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view digits = text.substr(slash + 1);
  int prefix = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  return error == std::errc{} && end == digits.data() + digits.size() && prefix >= 0 && prefix <= (six ? 128 : 32);
}

std::vector<std::string> read_network(Reader node) {
  std::vector<std::string> allow;
  for (Reader& item : node.at("allow").items()) {
    allow.push_back(item.scalar().value_or(""));
    if (!is_range(allow.back())) item.wrong("must be an address range such as 10.0.0.0/8 or fd00::/8");
  }
  node.finish();
  return allow;
}

bool is_variable_name(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  return !name.empty() && name.size() <= 128 && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         (name.front() < '0' || name.front() > '9');
}

// A secret that was written here by mistake is not repeated.
std::map<std::string, std::string, std::less<>> read_credentials(Reader node) {
  std::map<std::string, std::string, std::less<>> credentials;
  for (auto& [name, item] : node.entries()) {
    const std::string variable = item.scalar().value_or("");
    if (!is_variable_name(variable))
      item.wrong(
          "must name an environment variable (capitals, digits, '_') that holds the secret, never the secret itself");
    credentials.emplace(name, variable);
  }
  return credentials;
}

// Of its user and password only the names of the variables that hold them.
void read_proxy(Reader& node, SourceSpec& source) {
  const std::string text = node.text("proxy");
  source.proxy_credentials = read_credentials(node.at("proxy_credentials"));
  for (const auto& [name, variable] : source.proxy_credentials)
    if (name != "user" && name != "password")
      node.wrong_at("proxy_credentials", "a proxy takes {user: NAME, password: NAME}");
  if (text.empty()) {
    if (!source.proxy_credentials.empty()) node.wrong_at("proxy_credentials", "there is no \"proxy\" to show them to");
    return;
  }
  const auto proxy = parse_proxy(text);
  if (!proxy) return node.wrong_at("proxy", proxy.error().message);
  source.proxy = proxy->text();
}

std::string read_zone(Reader& node, std::string_view otherwise) {
  std::string zone = node.text("time_zone", otherwise);
  if (is_time_zone(zone)) return zone;
  node.wrong_at("time_zone", "no such time zone; a name such as UTC or Europe/Berlin");
  return "UTC";
}

Timetable read_timetable(Reader& node, Duration every, std::string_view zone) {
  Timetable out;
  out.zone = read_zone(node, zone);
  if (const std::string text = node.text("cron"); !text.empty()) {
    const auto cron = parse_cron(text);
    if (cron)
      out.cron = *cron;
    else
      node.wrong_at("cron", cron.error().message);
    if (node.has("every")) node.wrong_at("every", "\"every\" and \"cron\" both say when; keep one");
  }
  for (const std::string& text : node.texts("only")) {
    const auto hours = parse_hours(text);
    if (hours)
      out.only.push_back(*hours);
    else
      node.wrong_at("only", hours.error().message);
  }
  if (!next_time(out, every, Time{})) node.wrong_at("cron", "none of its times lies in the hours of \"only\"");
  return out;
}

// A stream's address is checked and kept in the form that every other has; its kind says that it is a stream.
std::string without_socket_scheme(std::string url) {
  if (url.starts_with("wss://")) return "https" + url.substr(3);
  if (url.starts_with("ws://")) return "http" + url.substr(2);
  return url;
}

SourceSpec read_source(Reader& node, const std::vector<std::string_view>& known_kinds, std::string_view zone) {
  SourceSpec source;
  source.name = node.required_text("name");
  if (!source.name.empty() && !usable_name(source.name))
    node.wrong_at("name", "a name has 1 to 64 letters, digits, '-', '_' or '.'");
  source.kind = node.text("kind", "auto");
  const bool known =
      source.kind == "auto" || std::find(known_kinds.begin(), known_kinds.end(), source.kind) != known_kinds.end();
  if (!known) {
    const std::string_view near = nearest(source.kind, known_kinds);
    node.wrong_at("kind", near.empty() ? fmt::format("no adapter \"{}\"; there are auto, {}", source.kind,
                                                     fmt::join(known_kinds, ", "))
                                       : fmt::format("no adapter \"{}\", did you mean \"{}\"?", source.kind, near));
  }
  source.url = without_socket_scheme(node.required_text("url"));
  if (const auto url = parse_url(source.url)) {
    source.url = url->text();
    source.platform = url->authority();
  } else if (!source.url.empty()) {
    node.wrong_at("url", url.error().message);
  }
  source.platform = node.text("platform", source.platform);
  source.every = node.duration("every", source.every);
  source.delay = node.duration("delay", source.delay);
  if (source.every < std::chrono::seconds(60)) node.wrong_at("every", "must be at least 60s");
  source.timetable = read_timetable(node, source.every, zone);
  Reader limit = node.at("limit");
  source.max_pages = static_cast<int>(limit.integer("pages", source.max_pages, 1, 1000000));
  limit.finish();
  source.credentials = read_credentials(node.at("credentials"));
  read_proxy(node, source);
  node.finish();
  return source;
}

std::vector<SourceSpec> read_sources(Reader node, const std::vector<std::string_view>& known_kinds,
                                     std::string_view zone) {
  std::vector<SourceSpec> sources;
  std::set<std::string> names;
  for (Reader& item : node.items()) {
    sources.push_back(read_source(item, known_kinds, zone));
    const std::string& name = sources.back().name;
    if (!name.empty() && !names.insert(name).second)
      item.wrong_at("name", fmt::format("two sources are named \"{}\"", name));
    if (sources.size() > kMostSources) {
      item.wrong("more than 10000 sources");
      break;
    }
  }
  return sources;
}

CrawlLimits read_crawl(Reader node) {
  CrawlLimits out;
  const auto number = [](Reader& from, std::string_view key, int otherwise, int least, int most) {
    return static_cast<int>(from.integer(key, otherwise, least, most));
  };
  out.hosts_at_once = number(node, "hosts_at_once", out.hosts_at_once, 1, 500);
  out.requests_per_host = number(node, "requests_per_host", out.requests_per_host, 0, 1'000'000);
  Reader memory = node.at("memory");
  out.page_mb = number(memory, "page_mb", out.page_mb, 1, 64);
  out.waiting_mb = number(memory, "waiting_mb", out.waiting_mb, 1, 4096);
  out.known_mb = number(memory, "known_mb", out.known_mb, 1, 4096);
  memory.finish();
  node.finish();
  return out;
}

Retention read_retention(Reader node) {
  Retention out;
  out.unreviewed = node.duration("unreviewed", out.unreviewed);
  out.rejected = node.duration("rejected", out.rejected);
  out.confirmed = node.duration("confirmed", out.confirmed);
  out.bans = node.duration("bans", out.bans);
  for (const char* key : {"unreviewed", "rejected", "confirmed", "bans"})
    if (node.has(key) && node.duration(key, {}) < std::chrono::days(1)) node.wrong_at(key, "must be at least 1d");
  node.finish();
  return out;
}

Alarm read_alarm(Reader& node) {
  Alarm out;
  out.run = node.texts("run");
  if (!out.run.empty() && !out.run.front().starts_with('/'))
    node.wrong_at("run", "must begin with the program's full path, as in [/usr/local/bin/tell, operators]");
  out.within = node.duration("within", out.within);
  if (out.within < std::chrono::seconds(1) || out.within > std::chrono::minutes(5))
    node.wrong_at("within", "must be from 1s to 5m");
  Reader webhook = node.at("webhook");
  out.webhook = webhook.text("url");
  out.secret = webhook.text("secret");
  if (!out.webhook.empty()) {
    const auto url = parse_url(out.webhook);
    if (!url) webhook.wrong_at("url", url.error().message);
    if (url && url->scheme != "https" && !is_loopback(url->host))
      webhook.wrong_at("url", "must be https, beyond this machine");
    if (!usable_name(out.secret))
      webhook.wrong_at("secret", "must name the credential or environment variable that holds the signing secret");
  }
  webhook.finish();
  return out;
}

Alerts read_alerts(Reader node) {
  Alerts out;
  out.operators = read_alarm(node);
  Reader safeguarding = node.at("safeguarding");
  out.safeguarding = read_alarm(safeguarding);
  safeguarding.finish();
  out.broken_after = static_cast<int>(node.integer("broken_after", out.broken_after, 1, 100));
  out.review_waits = node.duration("review_waits", out.review_waits);
  if (out.review_waits < std::chrono::days(1)) node.wrong_at("review_waits", "must be at least 1d");
  node.finish();
  return out;
}

// Nothing is ever written to a source.
void refuse_alarms_at_sources(Reader& root, const Settings& settings) {
  for (const Alarm* alarm : {&settings.alerts.operators, &settings.alerts.safeguarding}) {
    const auto target = parse_url(alarm->webhook);
    for (const SourceSpec& source : settings.sources)
      if (const auto url = parse_url(source.url); target && url && !is_loopback(url->host) && url->host == target->host)
        root.wrong_at(
            "alerts",
            fmt::format("a webhook leads to the host of source \"{}\"; nothing is ever sent to a source", source.name));
  }
}

std::string beside(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::vector<std::string> beside(const std::string& folder, std::vector<std::string> paths) {
  for (std::string& path : paths) path = beside(folder, path);
  return paths;
}

std::vector<std::string> packs_beside(const std::string& folder, std::vector<std::string> packs) {
  for (std::string& pack : packs)
    if (!is_built_in_pack(pack)) pack = beside(folder, pack);
  return packs;
}

}  // namespace

std::vector<std::string> Operator::shortcomings() const {
  std::vector<std::string> out;
  const auto check = [&](std::string_view key, const std::string& value) {
    if (trim(value).empty())
      out.push_back(fmt::format("operator.{} is missing", key));
    else if (is_placeholder(value))
      out.push_back(fmt::format("operator.{} is a placeholder", key));
  };
  check("organisation", organisation);
  check("contact", contact);
  check("legal_basis", legal_basis);
  check("controller", controller);
  check("assessment", assessment);
  if (out.empty() && contact.find('@') == std::string::npos && !contact.starts_with("http"))
    out.emplace_back("operator.contact is neither a mail address nor a web page");
  return out;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

Result<Settings> parse_settings(std::string_view text, std::string_view file,
                                const std::vector<std::string_view>& known_kinds) {
  Settings settings;
  settings.folder = std::filesystem::path(file).parent_path().string();
  const auto read = [&](Reader& root) {
    settings.operated_by = read_operator(root.at("operator"));
    settings.network_allow = read_network(root.at("network"));
    settings.crawl = read_crawl(root.at("crawl"));
    settings.sources = read_sources(root.at("sources"), known_kinds, read_zone(root, "UTC"));
    settings.rule_files = packs_beside(settings.folder, root.texts("rules"));
    settings.messenger_files = beside(settings.folder, root.texts("messengers"));
    settings.retention = read_retention(root.at("retention"));
    settings.alerts = read_alerts(root.at("alerts"));
    Reader metrics = root.at("metrics");
    settings.metrics_port = static_cast<int>(metrics.integer("port", 0, 1, 65535));
    metrics.finish();
    Reader review = root.at("review");
    settings.review.confirmations = static_cast<int>(review.integer("confirmations", 2, 1, 5));
    settings.review.one_person = review.flag("one_person", false);
    review.finish();
    Reader audit = root.at("audit");
    settings.audit.stamp = audit.text("stamp");
    audit.finish();
    Reader evidence = root.at("evidence");
    settings.evidence.full_capture = evidence.flag("full_capture", false);
    evidence.finish();
    root.finish();
  };
  const auto read_and_compare = [&](Reader& root) {
    read(root);
    refuse_alarms_at_sources(root, settings);
  };
  if (const auto done = read_yaml(text, file, read_and_compare); !done) return tl::unexpected(done.error());
  return settings;
}

Result<Settings> load_settings(const std::string& path, const std::vector<std::string_view>& known_kinds) {
  const auto text = read_small_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_settings(*text, path, known_kinds);
}

}  // namespace hw::config
