#include "app/reading.h"

#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/terminal.h"
#include "db/people.h"
#include "db/referrals.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsOfATable = 50;

}  // namespace

void add_grounds(CLI::App& command, Grounds& grounds) {
  command.add_option("--case", grounds.case_name, "For which case")->type_name("CASE");
  command.add_option("--purpose", grounds.purpose, "What it will be used for")->type_name("TEXT");
}

Result<std::unique_ptr<db::Store>> open_store(Session& session) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  return session.store(*settings);
}

Result<db::Person> unlock_person(Session& session, db::Store& store) {
  std::string name = session.person;
  if (name.empty()) {
    const auto here = db::people_here(store.folder());
    if (here.empty())
      return fail(ErrorCode::no_key, fmt::format("no person's key is in {}/keys/people; bring yours, or make one with "
                                                 "handlewatch keys add",
                                                 store.folder().string()));
    if (here.size() > 1)
      return fail(ErrorCode::usage,
                  fmt::format("several people have keys here ({}); say who you are with --as", fmt::join(here, ", ")));
    name = here.front();
  }
  return db::unlock_person(store, name, session.ask_passphrase());
}

Result<Acting> open_acting(Session& session) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  auto person = unlock_person(session, **store);
  if (!person) return tl::unexpected(person.error());
  return Acting{std::move(*store), std::move(*person)};
}

Result<Reading> open_reading(Session& session, db::KeyClass records) {
  auto acting = open_acting(session);
  if (!acting) return tl::unexpected(acting.error());
  auto opener = db::unlock(*acting->store, acting->person, records);
  if (!opener) return tl::unexpected(opener.error());
  return Reading{std::move(acting->store), std::move(acting->person), std::move(*opener)};
}

void say_more_may_be_held(Session& session) {
  session.out->flush();
  *session.err << "Safeguarding may hold more.\n";
}

Format resolved(Format format, const Session& session) {
  if (format != Format::automatic) return format;
  return is_terminal(*session.out) ? Format::table : Format::jsonl;
}

std::size_t resolved_limit(std::optional<std::size_t> limit, Format format) {
  return limit.value_or(format == Format::table ? kRowsOfATable : 0);
}

std::string mark_words(const std::vector<db::Mark>& marks) {
  std::vector<std::string_view> words;
  for (const db::Mark mark : marks) words.push_back(db::to_string(mark));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string ban_words(const std::vector<db::BanMark>& bans) {
  std::vector<std::string> words;
  for (const db::BanMark& ban : bans)
    words.push_back(fmt::format("{} by {} (ban {})", ban.action, ban.platform, ban.ban));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace hw::app
