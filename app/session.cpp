#include "app/session.h"

#include <cstdlib>
#include <ostream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "app/source_access.h"
#include "app/terminal.h"
#include "common/text.h"
#include "config/embedded.h"
#include "config/yaml_reader.h"
#include "parsers/parser.h"

namespace hw::app {

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
  return db::Store::open(data, *clock, db::Policy{settings.review.confirmations});
}

db::AskPassphrase Session::ask_passphrase() const {
  return [](db::KeyClass key_class) -> Result<std::string> {
    const char* file = std::getenv("HANDLEWATCH_PASSPHRASE_FILE");
    if (file == nullptr || *file == '\0')
      return ask_secret(fmt::format("Passphrase of the {} key: ", db::to_string(key_class)));
    auto text = config::read_small_file(file);
    if (!text) return fail(ErrorCode::no_key, text.error().message);
    struct stat status{};
    if (::stat(file, &status) != 0 || (status.st_mode & 077) != 0)
      return fail(ErrorCode::no_key, fmt::format("{} can be read by others; run chmod 600 on it", file));
    return std::string(split(*text, '\n').front());
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
