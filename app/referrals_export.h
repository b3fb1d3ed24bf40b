// `referrals export`: a held hit as a draft for a report, for the safeguarding role alone.
#pragma once

#include <string>

#include "db/referrals.h"

namespace CLI {
class App;
}

namespace hw::app {

struct Session;

// In the structure of the CyberTipline's form, for a provider's own reporter. Well-formed XML. What only a person may
// decide (the kind of incident, who is reported, whether it is urgent, who reports) is named and left open.
std::string referral_xml(const db::Referral& referral);
// The same for everyone else's web form: plain text, addresses defanged.
std::string referral_text(const db::Referral& referral);

void add_referrals_export(CLI::App& referrals, Session& session);

}  // namespace hw::app
