// A printable summary: one HTML page that needs nothing beside itself and runs nothing. Handles are text, never links.
#include <fmt/format.h>

#include "app/caution.h"
#include "app/handle_writer.h"
#include "common/text.h"

namespace hw::app {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">
<title>handlewatch export {id}</title>
<style>
body {{ font: 11pt/1.4 sans-serif; margin: 2rem; color: #111; }}
.mark {{ font-weight: bold; border: 2px solid; padding: .1rem .5rem; display: inline-block; }}
.caution {{ border-left: 4px solid #111; padding-left: 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
thead {{ display: table-header-group; }}
tr {{ break-inside: avoid; }}
th, td {{ border: 1px solid #999; padding: .25rem .5rem; text-align: left; vertical-align: top; }}
td.handle {{ font-family: monospace; overflow-wrap: anywhere; }}
dt {{ float: left; width: 10rem; }}
@page {{ margin: 15mm; }}
</style></head><body>
<p class="mark">{marking}</p>
<h1>Advertised handles, export {id}</h1>
<p class="caution">{caution} Each row holds for the days that it names.</p>
<dl><dt>Case</dt><dd>{case_name}</dd><dt>Made</dt><dd>{now}</dd><dt>Audit checkpoint</dt><dd>{checkpoint}</dd></dl>
<table><thead><tr><th>Handle</th><th>Messenger</th><th>First seen</th><th>Last seen</th><th>Adverts</th><th>Accounts</th>
<th>Platforms</th><th>Band</th><th>Review</th></tr></thead><tbody>
)";

// Escaped for HTML, and marks that reorder or hide text made visible.
std::string safe(std::string_view text) {
  std::string out;
  for (const char c : escape_for_terminal(text)) switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  return out;
}

class HtmlWriter final : public HandleWriter {
 public:
  HtmlWriter(ExportContext context, std::ostream& out) : context_(std::move(context)), out_(out) {}

  void begin() override {
    out_ << fmt::format(fmt::runtime(kHead), fmt::arg("id", context_.made.id), fmt::arg("marking", kMarking),
                        fmt::arg("caution", kCaution), fmt::arg("case_name", safe(context_.case_name)),
                        fmt::arg("now", to_rfc3339(context_.now)),
                        fmt::arg("checkpoint", context_.made.checkpoint.text()));
  }

  Status add(const db::ExportedHandle& handle) override {
    const db::HandleRow& row = handle.row;
    out_ << fmt::format(
        "<tr><td class=\"handle\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td></tr>\n",
        safe(handle.name.handle), safe(handle.name.messenger), row.first_day, row.last_day, row.hits, row.accounts,
        safe(fmt::format("{}", fmt::join(row.platforms, ", "))), to_string(row.band), review_words(row));
    ++count_;
    return {};
  }

  Status finish() override {
    out_ << fmt::format("</tbody></table>\n<p>{} handles. End of export {}, {}.</p>\n</body></html>\n", count_,
                        context_.made.id, kMarking);
    return {};
  }

 private:
  ExportContext context_;
  std::ostream& out_;
  std::size_t count_ = 0;
};

}  // namespace

std::unique_ptr<HandleWriter> make_html_writer(const ExportContext& context, std::ostream& out) {
  return std::make_unique<HtmlWriter>(context, out);
}

}  // namespace hw::app
