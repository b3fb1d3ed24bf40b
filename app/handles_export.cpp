#include "app/handles_export.h"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/caution.h"
#include "app/export_stream.h"
#include "app/handle_writer.h"
#include "app/misp_feed.h"
#include "db/csv.h"
#include "db/exports.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

// Every row carries the caution, the export's number and the checkpoint, so that a part of the file carries them too.
class CsvWriter final : public HandleWriter {
 public:
  CsvWriter(ExportContext context, std::ostream& out) : context_(std::move(context)), out_(out) {}

  void begin() override {
    put({"handle", "messenger", "first_seen", "last_seen", "adverts", "accounts", "platforms", "band", "review", "case",
         "export", "checkpoint", "marking", "caution"});
  }

  Status add(const db::ExportedHandle& handle) override {
    const db::HandleRow& row = handle.row;
    put({handle.name.handle, handle.name.messenger, row.first_day, row.last_day, std::to_string(row.hits),
         std::to_string(row.accounts), fmt::format("{}", fmt::join(row.platforms, " ")),
         std::string(to_string(row.band)), review_words(row), context_.case_name, std::to_string(context_.made.id),
         context_.made.checkpoint.text(), std::string(kMarking), std::string(kCaution)});
    return {};
  }

 private:
  void put(const std::vector<std::string>& cells) { out_ << db::csv_line(cells); }

  ExportContext context_;
  std::ostream& out_;
};

class JsonlWriter final : public HandleWriter {
 public:
  JsonlWriter(ExportContext context, std::ostream& out) : context_(std::move(context)), out_(out) {}

  Status add(const db::ExportedHandle& handle) override {
    const db::HandleRow& row = handle.row;
    const ordered_json line{{"handle", handle.name.handle}, {"messenger", handle.name.messenger},
                            {"first_seen", row.first_day},  {"last_seen", row.last_day},
                            {"adverts", row.hits},          {"accounts", row.accounts},
                            {"platforms", row.platforms},   {"band", to_string(row.band)},
                            {"review", review_words(row)},  {"case", context_.case_name},
                            {"export", context_.made.id},   {"checkpoint", context_.made.checkpoint.text()},
                            {"marking", kMarking},          {"caution", kCaution}};
    out_ << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
    return {};
  }

 private:
  ExportContext context_;
  std::ostream& out_;
};

using MakeWriter = std::unique_ptr<HandleWriter> (*)(const ExportContext&, std::ostream&);

// Those that are one file; a MISP feed is a folder.
MakeWriter maker_of(std::string_view format) {
  if (format == "csv") return make_csv_writer;
  if (format == "jsonl") return make_jsonl_writer;
  if (format == "stix") return make_stix_writer;
  if (format == "graphml") return make_graphml_writer;
  return format == "html" ? make_html_writer : nullptr;
}

Result<std::size_t> write_handles(db::Store& store, const db::Opener& opener, const db::Export& made,
                                  HandleWriter& writer, const std::function<Status()>& arrived) {
  writer.begin();
  const auto count = db::export_handles(
      store, opener, made,
      [&](const db::ExportedHandle& handle) -> Status {
        if (auto added = writer.add(handle); !added) return added;
        return arrived();
      },
      writer.wants_adverts() ? db::WithAdverts::yes : db::WithAdverts::no);
  if (!count) return count;
  if (auto finished = writer.finish(); !finished) return tl::unexpected(finished.error());
  return count;
}

Result<HandlesExported> finish(db::Store& store, const db::Person& by, const db::Export& made, std::size_t count,
                               const std::string& digest) {
  if (auto done = db::finish_export(store, by, made, count, digest); !done) return tl::unexpected(done.error());
  const auto left_behind = db::count_left_behind(store);
  if (!left_behind) return tl::unexpected(left_behind.error());
  return HandlesExported{made.id, count, *left_behind};
}

Result<HandlesExported> export_folder(db::Store& store, const db::Person& by, const db::Opener& opener,
                                      const ExportContext& context, const std::string& folder) {
  auto feed = MispFeed::open(context, folder);
  if (!feed) return tl::unexpected(feed.error());
  const auto count = write_handles(store, opener, context.made, **feed, [] { return Status(); });
  if (!count) return tl::unexpected(count.error());
  return finish(store, by, context.made, *count, (*feed)->digest());
}

Result<int> run(Session& session, const HandlesExport& order) {
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto exported = export_handles(session, *store, person, opener, order);
  if (!exported) return tl::unexpected(exported.error());
  session.out->flush();
  *session.err << fmt::format("export {}: {} confirmed handles. {}\n", exported->id, exported->handles, kCaution);
  if (exported->left_behind > 0)
    *session.err << fmt::format(
        "{} confirmed handles stayed behind: the posts were deleted at their source since they were reviewed; "
        "handlewatch hits list --deleted shows them, hits review looks at them again\n",
        exported->left_behind);
  say_more_may_be_held(session);
  return kDone;
}

}  // namespace

Result<HandlesExported> export_handles(Session& session, db::Store& store, const db::Person& by,
                                       const db::Opener& opener, const HandlesExport& order) {
  const Grounds& grounds = order.grounds;
  const MakeWriter make = maker_of(order.format);
  std::optional<ExportStream> target;
  if (make != nullptr) {  // before the log speaks of an export
    auto opened = ExportStream::open(order.output, *session.out);
    if (!opened) return tl::unexpected(opened.error());
    target.emplace(std::move(*opened));
  }
  const auto made = db::begin_export(store, by, {"handles", grounds.case_name, grounds.purpose, order.format});
  if (!made) return tl::unexpected(made.error());
  const auto settings = session.settings();
  const ExportContext context{*made, grounds.case_name, session.clock->now(),
                              settings ? settings->operated_by.organisation : std::string()};
  if (make == nullptr) return export_folder(store, by, opener, context, order.output);
  const std::unique_ptr<HandleWriter> writer = make(context, target->stream());
  const auto count = write_handles(store, opener, *made, *writer, [&]() -> Status {
    if (target->stream()) return {};
    return fail(ErrorCode::io, fmt::format("cannot write {}; export {} stands as unfinished in the audit log",
                                           order.output, made->id));
  });
  if (!count) return tl::unexpected(count.error());
  const auto digest = target->finish();
  if (!digest) return tl::unexpected(digest.error());
  return finish(store, by, *made, *count, *digest);
}

std::string review_words(const db::HandleRow& row) { return fmt::format("confirmed by {}", row.confirmations); }

std::unique_ptr<HandleWriter> make_csv_writer(const ExportContext& context, std::ostream& out) {
  return std::make_unique<CsvWriter>(context, out);
}

std::unique_ptr<HandleWriter> make_jsonl_writer(const ExportContext& context, std::ostream& out) {
  return std::make_unique<JsonlWriter>(context, out);
}

void add_handles_export(CLI::App& handles, Session& session) {
  auto order = std::make_shared<HandlesExport>();
  CLI::App* command =
      handles.add_subcommand("export", "The handles that enough reviewers confirmed, for an investigator");
  add_grounds(*command, order->grounds);
  for (const char* needed : {"--case", "--purpose"}) command->get_option(needed)->required();
  command
      ->add_option("--format", order->format,
                   "csv, jsonl, stix (2.1), misp (a feed folder), graphml or html (to print)")
      ->check(CLI::IsMember({"csv", "jsonl", "stix", "misp", "graphml", "html"}).description(""))
      ->capture_default_str()
      ->type_name("FORMAT");
  command
      ->add_option("--output", order->output,
                   "A new file (for misp a new folder), readable by you alone; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch handles export --as erin --case 2026-17 --purpose \"court request\" --output "
      "leads.csv\nWho took what for which "
      "case goes to the audit log; each row carries the log's checkpoint, so that whoever receives it can vouch for "
      "the log.");
  command->callback([&session, order] { session.action = [&session, order] { return run(session, *order); }; });
}

}  // namespace hw::app
