// Moderators' decisions as they come in: SAFETY's record in JSON Lines, or the same as CSV with a header row. Pure.
//
//   {"schema":1,"event_id":"…","platform":"reddit","subject":{"type":"account|handle","messenger":null,"id":"…","login":"…"},
//    "action":"ban|suspend|limit|unban|appeal_accept|appeal_reject|false_positive","reason_code":"…",
//    "decided_at":"…Z","expires_at":null,"decided_by":"human|auto","lead_id":null}
//
// CSV columns have the same names, the subject's as type, messenger, id, login (or subject_type, subject.id …). Other
// columns and keys are dropped unread; mail and IP addresses are thus never kept. Each line is taken or refused on its
// own.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/time.h"

namespace hw::db {

enum class BanSubject { account, handle };
enum class BanAction { ban, suspend, limit, unban, appeal_accept, appeal_reject, false_positive };
std::string_view to_string(BanSubject subject);
std::string_view to_string(BanAction action);

// unban, appeal_accept and false_positive take a ban back.
bool lifts(BanAction action);
// ban, suspend and limit are one.
bool bans(BanAction action);

struct Ban {
  std::string event_id;
  std::string platform;
  BanSubject subject = BanSubject::account;
  std::string messenger;  // of a handle
  std::string id;         // the platform's for an account; the handle itself for a handle
  std::string login;      // an account's name; may be empty where there is an id
  BanAction action = BanAction::ban;
  std::string reason_code;
  Time decided_at{};
  std::optional<Time> expires_at;
  bool human = true;    // decided by a person; where nothing is said, a machine is assumed
  std::string lead_id;  // it followed a lead of ours
  bool operator==(const Ban&) const = default;
};

// The line of the file, and what stands there or why it is refused. The message never quotes what the line holds.
using TakeBan = std::function<Status(std::size_t line, const Result<Ban>& ban)>;

// Where a list comes from that does not say it itself, and when it is read.
struct BanOrigin {
  std::string platform{};
  Time now{};
};

// A list that a moderators' tool wrote (db/ban_shapes.h), or JSON Lines where a line begins with a brace, else CSV.
// Stops at the first failure of `take` and returns it. A CSV file whose header lacks a needed column fails as a whole
// (malformed).
Status read_bans(std::string_view text, const TakeBan& take, const BanOrigin& origin = {});

// One line of the record, without its line end.
std::string ban_to_json(const Ban& ban);
Result<Ban> ban_from_json(std::string_view line);

}  // namespace hw::db
