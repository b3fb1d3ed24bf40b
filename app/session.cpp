#include "app/session.h"

#include <cstdlib>
#include <ostream>

#include <fmt/format.h>
#include <sys/stat.h>

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
  return config::load_settings(config_file.string(), parsers::names());
}

Result<classifier::Classifier> Session::classifier(const config::Settings& settings) const {
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
  std::vector<config::RulePack> packs;
  const auto add = [&](std::string_view text, std::string_view file) -> Status {
    auto pack = config::parse_rule_pack(text, file);
    if (!pack) return tl::unexpected(pack.error());
    packs.push_back(std::move(*pack));
    return {};
  };
  if (settings.rule_files.empty())
    if (auto added = add(config::embedded_press_terms(), "press-terms.yaml (built in)"); !added)
      return tl::unexpected(added.error());
  for (const std::string& file : settings.rule_files) {
    const auto text = config::read_small_file(file);
    if (!text) return tl::unexpected(text.error());
    if (auto added = add(*text, file); !added) return tl::unexpected(added.error());
  }
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
