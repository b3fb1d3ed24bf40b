#include "app/reading.h"

#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "app/terminal.h"
#include "db/referrals.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsOfATable = 50;

}  // namespace

void add_grounds(CLI::App& command, Grounds& grounds) {
  command.add_option("--by", grounds.by, "Who takes it")->type_name("NAME");
  command.add_option("--case", grounds.case_name, "For which case")->type_name("CASE");
  command.add_option("--purpose", grounds.purpose, "What it will be used for")->type_name("TEXT");
}

Result<std::unique_ptr<db::Store>> open_store(Session& session) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  return session.store(*settings);
}

Result<db::Opener> unlock(Session& session, db::Store& store) {
  return db::unlock(store, db::KeyClass::review, session.ask_passphrase());
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? fmt::format("uid {}", ::geteuid()) : std::string(entry->pw_name);
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

std::vector<std::string> numbers(const std::vector<std::int64_t>& rows) {
  std::vector<std::string> words;
  for (const std::int64_t row : rows) words.push_back(std::to_string(row));
  return words;
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
