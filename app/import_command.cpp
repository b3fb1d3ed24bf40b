#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/archive_posts.h"
#include "app/commands.h"
#include "app/csv_posts.h"
#include "app/importer.h"
#include "app/pipeline.h"
#include "app/post_stream.h"
#include "app/session.h"
#include "app/terminal.h"
#include "common/text.h"
#include "parsers/parser.h"
#include "parsers/warc.h"

namespace hw::app {
namespace {

constexpr std::size_t kToldOfEachFile = 20;  // bad lines that are named; the rest is counted

struct Options {
  std::vector<std::string> files;
  std::string platform;
  std::string source = "import";
  std::string form = "auto";
  std::string kind = "auto";
  std::vector<std::string> columns;
  std::string mapping_file;
  std::string charset;
};

enum class Form { lines, csv, archive };

bool named_like_csv(std::string name) {
  name = to_lower(name);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name.ends_with(".csv") || name.ends_with(".tsv");
}

Form form_of(Input& input, const Options& options) {
  if (options.form == "jsonl") return Form::lines;
  if (options.form == "csv") return Form::csv;
  if (options.form == "warc") return Form::archive;
  std::string_view first = input.first(512);
  if (parsers::begins_like_warc(first)) return Form::archive;
  if (first.starts_with("\xEF\xBB\xBF")) first.remove_prefix(3);
  if (trim(first).starts_with('{')) return Form::lines;
  const bool mapped = !options.columns.empty() || !options.mapping_file.empty();
  return mapped || named_like_csv(input.name()) ? Form::csv : Form::lines;
}

Result<CsvMapping> mapping_of(const Options& options) {
  auto mapping = options.mapping_file.empty() ? Result<CsvMapping>(CsvMapping{}) : load_mapping(options.mapping_file);
  if (!mapping) return mapping;
  for (const std::string& column : options.columns)
    if (auto added = add_column(*mapping, column); !added) return tl::unexpected(added.error());
  if (!options.charset.empty()) mapping->charset = options.charset;
  return mapping;
}

// One run over all files: what is wrong with a file is told and the next one is read; what is wrong with the store ends
// it.
class ImportRun {
 public:
  ImportRun(Session& session, const Options& options, CsvMapping mapping, Pipeline& pipeline)
      : session_(session),
        options_(options),
        mapping_(std::move(mapping)),
        importer_(pipeline, options.source),
        line_(*session.err) {}

  Status take(const std::string& file) {
    auto input = Input::open(file);
    if (!input) {
      say(input.error().message);
      return {};
    }
    input_ = &*input;
    told_ = 0;
    if (auto read = read_in_its_form(*input); !read && !store_error_) say(read.error().message);
    if (told_ > kToldOfEachFile) say(fmt::format("{}: {} more such", input->name(), told_ - kToldOfEachFile));
    if (!store_error_)
      if (auto flushed = importer_.flush(); !flushed) store_error_ = flushed.error();
    input_ = nullptr;
    return store_error_ ? Status(tl::unexpected(*store_error_)) : Status{};
  }

  int finish() {
    line_.clear();
    *session_.out << summary() << '\n';
    return failed_ ? kSomethingFailed : kDone;
  }

 private:
  Status read_in_its_form(Input& input) {
    switch (form_of(input, options_)) {
      case Form::lines:
        return read_posts(input, platform_or("import"), on_post(), on_bad());
      case Form::csv:
        return read_csv(input);
      case Form::archive:
        break;
    }
    const auto on_damage = [&](std::uint64_t offset) {
      tell(fmt::format("{}: a damaged record at byte {}", input.name(), offset));
    };
    return read_archive(input, {options_.kind, options_.platform}, on_post(), on_damage, [this] { show(); }, left_out_);
  }

  Status read_csv(Input& input) {
    const auto tally = read_csv_posts(input, mapping_, platform_or("import"), on_post(), on_bad());
    if (!tally) return tl::unexpected(tally.error());
    line_.clear();
    if (tally->unused_columns > 0)
      complain(session_,
               fmt::format("{}: {} of {} columns are not used", input.name(), tally->unused_columns, tally->columns));
    if (tally->unread_times > 0)
      complain(session_, fmt::format("{}: {} posts have a time in no known form and were taken without it",
                                     input.name(), tally->unread_times));
    return {};
  }

  std::string platform_or(std::string_view otherwise) const {
    return options_.platform.empty() ? std::string(otherwise) : options_.platform;
  }

  std::function<Status(Post)> on_post() {
    return [this](Post post) -> Status {
      auto taken = importer_.take(std::move(post));
      if (!taken) store_error_ = taken.error();
      if (++posts_ % 500 == 0) show();
      return taken;
    };
  }

  std::function<Status(const BadLine&)> on_bad() {
    return [this](const BadLine& bad) -> Status {
      ++bad_lines_;
      tell(fmt::format("{}:{}: {}", input_->name(), bad.number, bad.why));
      return {};
    };
  }

  void show() {
    const Judgement& total = importer_.total();
    const std::uint64_t size = input_->size();
    const std::string part =
        size == 0 ? std::string() : fmt::format(" · {}% of {}", input_->bytes().used() * 100 / size, input_->name());
    line_.show(fmt::format("{} posts, {} hits{}", total.posts, total.hits, part));
  }

  void tell(const std::string& what) {
    failed_ = true;
    if (++told_ <= kToldOfEachFile) say(what);
  }

  void say(const std::string& what) {
    failed_ = true;
    line_.clear();
    complain(session_, what);
  }

  std::string summary() const {
    const Judgement& total = importer_.total();
    std::string text = fmt::format("{} posts, {} new, {} hits", total.posts, total.new_posts, total.hits);
    if (importer_.deleted() > 0) text += fmt::format(", {} deleted ones left out", importer_.deleted());
    if (bad_lines_ > 0) text += fmt::format(", {} lines were no posts", bad_lines_);
    std::size_t pages = 0;
    std::string why;
    for (const auto& [words, count] : left_out_) {
      pages += count;
      why += fmt::format("{}{} {}", why.empty() ? "" : ", ", count, words);
    }
    if (pages > 0) text += fmt::format("\n{} captures left out: {}", pages, why);
    return text;
  }

  Session& session_;
  const Options& options_;
  CsvMapping mapping_;
  Importer importer_;
  StatusLine line_;
  Input* input_ = nullptr;  // the file being read
  std::optional<Error> store_error_;
  std::size_t posts_ = 0;
  std::size_t bad_lines_ = 0;
  std::size_t told_ = 0;
  Tally left_out_;
  bool failed_ = false;
};

Result<int> import_posts(Session& session, const Options& options) {
  auto mapping = mapping_of(options);
  if (!mapping) return tl::unexpected(mapping.error());
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto classifier = session.classifier(*settings);
  if (!classifier) return tl::unexpected(classifier.error());
  const auto store = session.store(*settings);
  if (!store) return tl::unexpected(store.error());
  Pipeline pipeline(*classifier, **store, *session.clock, capture_context(*settings, **store));
  ImportRun run(session, options, std::move(*mapping), pipeline);
  for (const std::string& file : options.files)
    if (auto taken = run.take(file); !taken) return tl::unexpected(taken.error());
  return run.finish();
}

void add_options(CLI::App& command, Options& options) {
  std::vector<std::string> kinds{"auto"};
  for (const std::string_view name : parsers::names()) kinds.emplace_back(name);
  command.add_option("FILE", options.files, "JSON Lines, CSV, WARC or WET, plain or gzip; - is standard input")
      ->required();
  command.add_option("--format", options.form, "What the files are; told by their beginning and name otherwise")
      ->check(CLI::IsMember({"auto", "jsonl", "csv", "warc"}))
      ->capture_default_str();
  command.add_option("--platform", options.platform,
                     "The network's name, where a post names none; of archives, instead of each page's host");
  command.add_option("--source", options.source, "What to call their source, where a post names none")
      ->capture_default_str();
  command.add_option("--kind", options.kind, "Archives: the adapter that reads their pages")
      ->check(CLI::IsMember(kinds))
      ->type_name("KIND")
      ->capture_default_str();
  command.add_option("--column", options.columns, "CSV: the column that holds a field of the post; may be repeated")
      ->type_name("FIELD=NAME")
      ->allow_extra_args(false);
  command.add_option("--mapping", options.mapping_file, "CSV: a YAML file with columns: {FIELD: NAME} and charset:")
      ->type_name("FILE");
  command.add_option("--charset", options.charset, "CSV: what it is written in; told by its beginning otherwise");
}

}  // namespace

void add_import(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("import", "Posts from files, through the classifier, into the store");
  add_options(*command, *options);
  command->footer(
      "Examples:\n  handlewatch import --platform exampleboard posts.jsonl.gz\n"
      "  handlewatch import --column id=post_id --column text=body export.csv\n"
      "  handlewatch import crawl.warc.gz\n"
      "Idempotent: importing the same file again adds nothing. A line or a record that is broken is named with its "
      "place, and the rest goes on (exit status 1). Only the text of an archive is read.");
  command->callback(
      [&session, options] { session.action = [&session, options] { return import_posts(session, *options); }; });
}

}  // namespace hw::app
