#include "app/session.h"

#include <charconv>
#include <cstdlib>
#include <ostream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/source_access.h"
#include "app/terminal.h"
#include "common/text.h"
#include "config/embedded.h"
#include "config/yaml_reader.h"
#include "db/audit.h"
#include "db/merkle.h"
#include "parsers/parser.h"

namespace hw::app {
namespace {

constexpr std::size_t kShortestPassphrase = 12;
constexpr std::size_t kLongestPassphrase = 4096;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_line_of_descriptor(const std::string& number) {
  int descriptor = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), descriptor);
  std::string line;
  if (error != std::errc{} || end != number.data() + number.size() || descriptor < 0) return line;
  char c = 0;
  while (line.size() < kLongestPassphrase && ::read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

Result<std::string> first_line_of_file(const std::string& file) {
  const auto text = config::read_small_file(file);
  if (!text) return fail(ErrorCode::no_key, text.error().message);
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 077) != 0)
    return fail(ErrorCode::no_key, fmt::format("{} can be read by others; run chmod 600 on it", file));
  return std::string(split(*text, '\n').front());
}

}  // namespace

Result<config::Settings> Session::settings() const {
  std::error_code ignored;
  if (!std::filesystem::exists(config_file, ignored) && config_file == data / "handlewatch.yaml") {
    config::Settings defaults;
    defaults.folder = data.string();
    return defaults;
  }
  auto settings = config::load_settings(config_file.string(), parsers::names());
  if (settings) name_networks(*settings);
  return settings;
}

Result<std::vector<config::RulePack>> Session::rule_packs(const std::vector<std::string>& files) const {
  std::vector<config::RulePack> packs;
  const std::vector<std::string> press_terms{std::string(config::kPressTerms)};
  for (const std::string& file : files.empty() ? press_terms : files) {
    auto pack = config::load_rule_pack(file);
    if (!pack) return tl::unexpected(pack.error());
    packs.push_back(std::move(*pack));
  }
  return packs;
}

Result<classifier::Classifier> Session::classifier(const config::Settings& settings) const {
  const auto packs = rule_packs(settings.rule_files);
  if (!packs) return tl::unexpected(packs.error());
  return classifier(settings, *packs);
}

Result<classifier::Classifier> Session::classifier(const config::Settings& settings,
                                                   const std::vector<config::RulePack>& packs) const {
  auto messengers = settings.messenger_files.empty()
                        ? config::parse_messengers(config::embedded_messengers(), "messengers.yaml (built in)")
                        : Result<config::Messengers>(config::Messengers{});
  for (const std::string& file : settings.messenger_files) {
    const auto text = config::read_small_file(file);
    if (!text) return tl::unexpected(text.error());
    messengers = config::parse_messengers(*text, file);
    if (!messengers) break;
  }
  if (!messengers) return tl::unexpected(messengers.error());
  return classifier::Classifier::create(*messengers, packs);
}

Result<std::unique_ptr<db::Store>> Session::store(const config::Settings& settings) const {
  auto store = db::Store::open(data, *clock, db::Policy{settings.review.confirmations, settings.review.one_person});
  if (!store) return store;
  std::error_code ignored;
  const auto text = std::filesystem::exists(config_file, ignored) ? config::read_small_file(config_file.string())
                                                                  : Result<std::string>(std::string());
  if (!text) return tl::unexpected(text.error());
  if (auto noted = db::note_configuration(**store, to_hex(db::sha256(*text))); !noted)
    return tl::unexpected(noted.error());
  return store;
}

db::AskPassphrase Session::ask_passphrase() {
  return [this](std::string_view whose) -> Result<std::string> {
    if (const std::string number = environment("HANDLEWATCH_PASSPHRASE_FD"); !number.empty()) {
      if (from_descriptor_.empty()) from_descriptor_ = first_line_of_descriptor(number);
      if (from_descriptor_.empty())
        return fail(ErrorCode::no_key, "HANDLEWATCH_PASSPHRASE_FD names no descriptor with a line to read");
      return from_descriptor_;
    }
    if (const std::string file = environment("HANDLEWATCH_PASSPHRASE_FILE"); !file.empty())
      return first_line_of_file(file);
    return ask_secret(fmt::format("Passphrase of {}: ", whose));
  };
}

db::AskPassphrase Session::ask_new_passphrase() {
  return [this](std::string_view whose) -> Result<std::string> {
    auto first = ask_passphrase()(whose);
    if (!first) return first;
    if (first->size() < kShortestPassphrase)
      return fail(ErrorCode::usage,
                  fmt::format("a passphrase has at least {} characters; nothing was made", kShortestPassphrase));
    if (!environment("HANDLEWATCH_PASSPHRASE_FD").empty() || !environment("HANDLEWATCH_PASSPHRASE_FILE").empty())
      return first;
    const auto again = ask_secret("The same again: ");
    if (!again) return again;
    if (*again != *first) return fail(ErrorCode::usage, "the two passphrases differ; nothing was made");
    return first;
  };
}

int report(std::ostream& err, const Error& error) {
  for (const std::string_view line : split(error.message, '\n'))
    err << "handlewatch: " << escape_for_terminal(line) << '\n';
  const bool wrong_use = error.code == ErrorCode::usage || error.code == ErrorCode::configuration;
  return wrong_use ? kWrongUse : kSomethingFailed;
}

void complain(Session& session, const std::string& message) {
  *session.err << "handlewatch: " << escape_for_terminal(message) << '\n';
}

}  // namespace hw::app
