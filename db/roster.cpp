#include "db/roster.h"

#include <fmt/format.h>

#include "common/text.h"
#include "db/hex.h"

namespace hw::db {
namespace {

constexpr std::string_view kMagic = "handlewatch roster 1";
constexpr std::size_t kKeySize = 32;

std::string line_of(std::string_view kind, const PublicPerson& person) {
  return fmt::format("{} {} {} {} {}\n", kind, person.name, person.roles.text(), to_hex(person.sign_key),
                     to_hex(person.box_key));
}

tl::unexpected<Error> wrong(std::size_t line) {
  return fail(ErrorCode::malformed,
              fmt::format("line {} of the roster is not what handlewatch keys export-public writes", line));
}

Result<PublicPerson> person_of(const std::vector<std::string_view>& words, std::size_t line) {
  const auto name = person_name(words[1]);
  const auto roles = Roles::parse(words[2]);
  const auto sign_key = from_hex(words[3]);
  const auto box_key = from_hex(words[4]);
  const bool whole =
      name && roles && sign_key && box_key && sign_key->size() == kKeySize && box_key->size() == kKeySize;
  if (!whole) return wrong(line);
  return PublicPerson{*name, *roles, *sign_key, *box_key};
}

Status take_line(Roster& roster, std::string_view line, std::size_t number) {
  const auto words = split(trim(line), ' ');
  if (words.size() == 2 && words[0] == "token") {
    const auto key = from_hex(words[1]);
    if (!key || key->size() != kKeySize) return wrong(number);
    roster.token_key = *key;
    return {};
  }
  if (words.size() != 5 || (words[0] != "person" && words[0] != "host")) return wrong(number);
  auto person = person_of(words, number);
  if (!person) return tl::unexpected(person.error());
  const bool is_host = person->roles == Roles{Role::collector};
  if (is_host != (words[0] == "host")) return wrong(number);
  (is_host ? roster.hosts : roster.people).push_back(std::move(*person));
  return {};
}

}  // namespace

std::string write_roster(const Roster& roster) {
  std::string text = fmt::format("{}\n", kMagic);
  for (const PublicPerson& person : roster.people) text += line_of("person", person);
  for (const PublicPerson& host : roster.hosts) text += line_of("host", host);
  if (!roster.token_key.empty())
    text += fmt::format(
        "# The line below is a secret: whoever has it can test guesses against the tokens of the store.\ntoken {}\n",
        to_hex(roster.token_key));
  return text;
}

Result<Roster> read_roster(std::string_view text) {
  Roster roster;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (number == 1) {
      if (trim(line) != kMagic) return wrong(number);
      continue;
    }
    if (trim(line).empty() || line.starts_with('#')) continue;
    if (auto taken = take_line(roster, line, number); !taken) return tl::unexpected(taken.error());
  }
  return roster;
}

}  // namespace hw::db
