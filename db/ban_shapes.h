// Lists of decisions as moderators' own tools write them, read as the record of db/ban_reader.h. Pure.
//
//   Discourse  staff actions, CSV: staff_user,action,subject,created_at,details,context
//   Reddit     banned users, CSV: name,date,days_left,note
//   phpBB      the ban list's table, CSV: ban_userid, ban_ip, ban_email, ban_start, ban_end, ban_exclude …
//   Mastodon   domain blocks, CSV: #domain,#severity …
//   Lemmy      what /user/banned answers, JSON
//
// Only what concerns an account is taken. Addresses of mail and machines, whole domains, free words and other actions
// are passed over (ErrorCode::refused). None says which platform it is of, and a list of what stands today does not say
// since when: the origin does. An event's id is made of what the list says, so that the same list can be read again.
#pragma once

#include <optional>
#include <string_view>

#include "db/ban_reader.h"

namespace hw::db {

// nullopt: it is none of these.
std::optional<Status> read_ban_list(std::string_view text, const BanOrigin& origin, const TakeBan& take);

}  // namespace hw::db
