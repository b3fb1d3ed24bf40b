#include <algorithm>
#include <array>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/listing.h"
#include "app/rules_explain.h"
#include "app/session.h"
#include "app/terminal.h"
#include "classifier/rule_examples.h"
#include "common/text.h"
#include "config/embedded.h"

namespace hw::app {
namespace {

using Files = std::vector<std::string>;

// The packs that were named, else those of the configuration.
Result<Files> files_or_configured(const Session& session, const Files& given) {
  if (!given.empty()) return given;
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  return settings->rule_files.empty() ? Files{std::string(config::kPressTerms)} : settings->rule_files;
}

// Those that can be loaded; what is wrong with the others is told and counted, so that one mistake does not hide the
// next file's.
Result<std::vector<config::RulePack>> load_all(Session& session, const Files& given, int& status) {
  const auto files = files_or_configured(session, given);
  if (!files) return tl::unexpected(files.error());
  std::vector<config::RulePack> packs;
  for (const std::string& file : *files) {
    auto pack = config::load_rule_pack(file);
    if (pack)
      packs.push_back(std::move(*pack));
    else
      status = std::max(status, report(*session.err, pack.error()));
  }
  return packs;
}

Result<int> check(Session& session, const Files& given) {
  int status = kDone;
  const auto packs = load_all(session, given, status);
  if (!packs) return tl::unexpected(packs.error());
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  if (const auto compiled = session.classifier(*settings, *packs); !compiled) return tl::unexpected(compiled.error());
  for (const config::RulePack& pack : *packs)
    *session.out << fmt::format("{}: pack {} version {}, {} rules, no mistakes\n", pack.file, pack.id, pack.version,
                                pack.rules.size());
  return status;
}

Result<int> test(Session& session, const Files& given) {
  int status = kDone;
  const auto packs = load_all(session, given, status);
  if (!packs) return tl::unexpected(packs.error());
  for (const config::RulePack& pack : *packs) {
    const auto wrong = classifier::wrong_examples(pack);
    if (!wrong) return tl::unexpected(wrong.error());
    std::size_t examples = 0;
    for (const config::Rule& rule : pack.rules) examples += rule.hit.size() + rule.miss.size();
    for (const classifier::WrongExample& each : *wrong)
      *session.out << escape_for_terminal(fmt::format("{}: rule {} {}: {}", pack.file, each.rule,
                                                      each.should_hit ? "must hit" : "must miss", each.example))
                   << '\n';
    *session.out << fmt::format("{}: {} of {} examples are right\n", pack.file, examples - wrong->size(), examples);
    if (!wrong->empty()) status = std::max<int>(status, kSomethingFailed);
  }
  return status;
}

Result<int> list(Session& session, const Files& given, Format format) {
  int status = kDone;
  const auto packs = load_all(session, given, status);
  if (!packs) return tl::unexpected(packs.error());
  Listing listing({"rule", "status", "effect", "weight", "group", "pack"}, format, *session.out);
  for (const config::RulePack& pack : *packs)
    for (const config::Rule& rule : pack.rules)
      listing.add({rule.id, std::string(to_string(rule.status)), std::string(to_string(rule.effect)), rule.weight,
                   rule.group, pack.id + " " + pack.version});
  return status;
}

struct Shipped {
  std::string_view name;
  std::string_view (*text)();
};
constexpr std::array<Shipped, 5> kShipped{{{config::kPressTerms, config::embedded_press_terms},
                                           {config::kExamplePack, config::embedded_example_pack},
                                           {"context", config::embedded_context_rules},
                                           {"ages", config::embedded_age_rules},
                                           {"messengers", config::embedded_messengers}}};

Result<int> show(Session& session, const std::string& name) {
  std::vector<std::string_view> names;
  for (const Shipped& file : kShipped) {
    names.push_back(file.name);
    if (file.name != name) continue;
    *session.out << file.text();
    return kDone;
  }
  const std::string_view near = nearest(name, names);
  return fail(ErrorCode::usage,
              fmt::format("nothing called \"{}\" is built in{}; there are {}", name,
                          near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near), fmt::join(names, ", ")));
}

void add_files(CLI::App& command, Files& files) {
  command.add_option("PACK", files, "Files, or press-terms or example; those of the configuration where none is named");
}

}  // namespace

void add_rules(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("rules", "The rules: check, test, list, explain");
  command->require_subcommand(1);
  auto files = std::make_shared<Files>();
  auto format = std::make_shared<Format>(Format::automatic);
  auto name = std::make_shared<std::string>();
  const auto add = [&](const char* word, const char* what, const char* example, std::function<Result<int>()> action) {
    CLI::App* each = command->add_subcommand(word, what);
    each->footer(std::string("Example:\n  handlewatch rules ") + example);
    each->callback([&session, action = std::move(action)] { session.action = action; });
    return each;
  };
  add_files(*add("check", "Reads packs and compiles them: every mistake with file, line, column and mend",
                 "check rules/mine.yaml", [&session, files] { return check(session, *files); }),
            *files);
  add_files(*add("test", "Tries the examples of packs: what must hit and what must miss", "test rules/mine.yaml",
                 [&session, files] { return test(session, *files); }),
            *files);
  CLI::App* list_command =
      add("list", "The rules of packs", "list", [&session, files, format] { return list(session, *files, *format); });
  add_files(*list_command, *files);
  add_format_option(*list_command, *format);
  add("show", "Prints what is built in: press-terms, example, context, ages or messengers",
      "show example > rules/mine.yaml", [&session, name] { return show(session, *name); })
      ->add_option("NAME", *name, "Which of them")
      ->required();
  add_rules_explain(*command, session);
}

}  // namespace hw::app
