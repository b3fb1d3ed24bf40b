#include "app/referrals_export.h"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/caution.h"
#include "app/export_stream.h"
#include "app/hit_view.h"
#include "app/reading.h"
#include "common/text.h"

namespace hw::app {
namespace {

// XML 1.0 has no control characters but three, and no U+FFFE and U+FFFF.
std::string xml(std::string_view text) {
  std::string out;
  const std::string valid = repair_utf8(text);
  for (std::size_t at = 0; at < valid.size(); ++at) {
    const char c = valid[at];
    const std::string_view three = std::string_view(valid).substr(at, 3);
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF")
      out += "\xEF\xBF\xBD", at += 2;
    else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
      out += "\xEF\xBF\xBD";
    else
      out += c;
  }
  return out;
}

std::string handles_of(const Verdict& verdict) {
  std::string out;
  for (const HandleFound& handle : verdict.handles)
    out +=
        fmt::format("{}{} {} ({})", out.empty() ? "" : "; ", handle.messenger, handle.handle, to_string(handle.intent));
  return out.empty() ? "none" : out;
}

std::string flags_of(const Verdict& verdict) {
  std::string out;
  for (const Flag flag : verdict.flags) out += fmt::format("{}{}", out.empty() ? "" : ", ", to_string(flag));
  return out.empty() ? "none" : out;
}

std::string posted_at(const db::Judged& judged) { return to_rfc3339(judged.post.created_at.value_or(judged.seen_at)); }

struct Options {
  std::int64_t row = 0;
  Grounds grounds;
  std::string format = "text";
  std::string output = "-";
};

Result<int> run(Session& session, const Options& options) {
  auto reading = open_reading(session, db::KeyClass::safeguarding);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto versions = db::open_referral(*store, opener, options.row);
  if (!versions) return tl::unexpected(versions.error());
  if (versions->empty() || !versions->back().judged)
    return fail(ErrorCode::refused, fmt::format("referral {} is a ban, which has no post to report", options.row));
  auto target = ExportStream::open(options.output, *session.out);
  if (!target) return tl::unexpected(target.error());
  const Grounds& grounds = options.grounds;
  const auto made = db::begin_export(
      *store, person, {std::string(db::kReferralExport), grounds.case_name, grounds.purpose, options.format});
  if (!made) return tl::unexpected(made.error());
  target->stream() << (options.format == "xml" ? referral_xml(versions->back()) : referral_text(versions->back()));
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  if (auto done = db::finish_export(*store, person, *made, 1, *digest); !done) return tl::unexpected(done.error());
  session.out->flush();
  *session.err << fmt::format("export {}. A draft: read it, complete it, and send it yourself; nothing was sent.\n",
                              made->id);
  return kDone;
}

}  // namespace

std::string referral_xml(const db::Referral& referral) {
  const db::Judged& judged = *referral.judged;
  const Post& post = judged.post;
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!-- A draft made by a machine from a public post. A person completes, checks and submits it. -->\n"
      "<report>\n  <incidentSummary>\n"
      "    <!-- incidentType: to be chosen by the person who reports, from the authority's own list -->\n"
      "    <!-- escalateToHighPriority: for the person who reports to decide, with the reason -->\n"
      "    <incidentDateTime>{}</incidentDateTime>\n  </incidentSummary>\n"
      "  <internetDetails>\n    <webPageIncident>\n      <url>{}</url>\n"
      "      <additionalInfo>{}</additionalInfo>\n    </webPageIncident>\n  </internetDetails>\n"
      "  <reporter>\n    <!-- reportingPerson: whoever submits this -->\n  </reporter>\n"
      "  <!-- personOrUserReported: for the person who reports; the account that posted may be a victim -->\n"
      "  <additionalInfo>{}</additionalInfo>\n</report>\n",
      posted_at(judged), xml(post.url), xml(post.title.empty() ? post.text : post.title + "\n\n" + post.text),
      xml(fmt::format("Platform {}. Posted by the account {} (id {}), seen {}. Handles in the post: {}. Flags: {}. {}",
                      post.platform, post.author, post.author_id.empty() ? "not shown" : post.author_id,
                      to_rfc3339(judged.seen_at), handles_of(judged.verdict), flags_of(judged.verdict), kCaution)));
}

std::string referral_text(const db::Referral& referral) {
  const db::Judged& judged = *referral.judged;
  const Post& post = judged.post;
  const auto line = [](std::string_view name, std::string_view value) {
    return fmt::format("{:<12} {}\n", name, escape_for_terminal(value));
  };
  std::string out = "A public post that may concern a child. A person has to read it before it is reported.\n\n";
  out += line("Address", defang(post.url));
  out += line("Platform", post.platform);
  out += line("Account", post.author + (post.author_id.empty() ? "" : ", id " + post.author_id));
  out += line("Posted", posted_at(judged));
  out += line("Seen", to_rfc3339(judged.seen_at));
  out += line("Handles", handles_of(judged.verdict));
  out += line("Flags", flags_of(judged.verdict));
  out += "\nWhat it says:\n";
  if (!post.title.empty()) out += "  | " + escape_for_terminal(without_live_links(post.title)) + "\n";
  const std::string text = without_live_links(post.text);
  for (const std::string_view each : split(text, '\n')) out += "  | " + escape_for_terminal(each) + "\n";
  return out + fmt::format(
                   "\nNot known, and left to you: the kind of incident, whether it is urgent, who is reported. "
                   "The account that posted may be a victim. {}\n",
                   kCaution);
}

void add_referrals_export(CLI::App& referrals, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = referrals.add_subcommand("export", "One held post as a draft for a report; nothing is sent");
  command->add_option("ROW", options->row, "Its number in referrals list")->required();
  add_grounds(*command, options->grounds);
  for (const char* needed : {"--case", "--purpose"})
    if (CLI::Option* option = command->get_option_no_throw(needed)) option->required();
  command
      ->add_option("--format", options->format, "text for a web form, xml in the structure of the CyberTipline's form")
      ->check(CLI::IsMember({"text", "xml"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  command->add_option("--output", options->output, "A new file, readable by you alone; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch referrals export 3 --case C-17 --purpose \"report to the hotline\" --format xml "
      "--output draft.xml\nA person completes the draft and decides whether to send it.");
  command->callback([&session, options] { session.action = [&session, options] { return run(session, *options); }; });
}

}  // namespace hw::app
