#include "app/csv_posts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "app/csv_records.h"
#include "common/text.h"
#include "config/yaml_reader.h"
#include "parsers/charset.h"

namespace hw::app {
namespace {

constexpr std::array<std::string_view, 16> kFields{
    "id",    "platform", "source", "url",   "author",     "author_id", "author_display", "author_bio",
    "title", "text",     "tags",   "links", "created_at", "lang",      "reply_to",       "state"};

bool is_field(std::string_view name) { return std::find(kFields.begin(), kFields.end(), name) != kFields.end(); }

std::string no_such_field(std::string_view name) {
  const std::string_view near = nearest(name, {kFields.begin(), kFields.end()});
  return near.empty() ? fmt::format("a post has no field \"{}\"; there are {}", name, fmt::join(kFields, ", "))
                      : fmt::format("a post has no field \"{}\", did you mean \"{}\"?", name, near);
}

std::string folded(std::string_view name) { return to_lower(trim(name)); }

// Seconds or milliseconds since 1970, RFC 3339, the same without a zone (read as UTC), or a date as mails write it.
std::optional<Time> read_time(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0 && text.size() >= 9)
    return from_millis(text.size() > 11 ? number : number * 1000);
  std::string written(text);
  if (written.size() > 10 && written[10] == ' ') written[10] = 'T';
  if (written.size() == 16) written += ":00";
  if (const auto time = parse_rfc3339(written)) return time;
  if (const auto time = parse_rfc3339(written + "Z")) return time;
  if (const auto time = parse_rfc3339(written + "T00:00:00Z")) return time;
  return parse_http_date(text);
}

std::vector<std::string> items_of(std::string_view cell) {
  std::vector<std::string> items;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find_first_of(",;\n"), cell.size());
    const std::string_view item = trim(cell.substr(0, end));
    if (!item.empty()) items.emplace_back(item);
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return items;
}

// Which cell of a record holds which field.
using Places = std::map<std::string, std::size_t, std::less<>>;

Result<Places> places_in(const db::CsvRecord& header, const CsvMapping& mapping) {
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < header.cells.size(); ++i) by_name.try_emplace(folded(header.cells[i]), i);
  Places places;
  for (const std::string_view field : kFields) {
    const auto mapped = mapping.columns.find(std::string(field));
    const auto found = by_name.find(mapped == mapping.columns.end() ? std::string(field) : folded(mapped->second));
    if (found != by_name.end())
      places[std::string(field)] = found->second;
    else if (mapped != mapping.columns.end())
      return fail(ErrorCode::malformed, fmt::format("no column \"{}\" in its first line", mapped->second));
  }
  for (const char* needed : {"id", "text"})
    if (!places.contains(needed))
      return fail(ErrorCode::malformed,
                  fmt::format("no column \"{0}\" in its first line, which must name the columns; say which one it is "
                              "with --column {0}=NAME",
                              needed));
  return places;
}

class PostReader {
 public:
  PostReader(Places places, CsvTally& tally) : places_(std::move(places)), tally_(tally) {}

  // A record may leave out what is empty at its end; one with more cells than columns is in no column for sure.
  Result<Post> read(const db::CsvRecord& record) const {
    if (record.cells.size() > tally_.columns)
      return fail(ErrorCode::malformed,
                  fmt::format("it has {} cells, there are {} columns", record.cells.size(), tally_.columns));
    Post post;
    post.id = cell(record, "id");
    post.platform = cell(record, "platform");
    post.source = cell(record, "source");
    post.url = cell(record, "url");
    post.author = cell(record, "author");
    post.author_id = cell(record, "author_id");
    post.author_display = cell(record, "author_display");
    post.author_bio = cell(record, "author_bio");
    post.title = cell(record, "title");
    post.text = cell(record, "text");
    post.tags = items_of(cell(record, "tags"));
    for (std::string& url : items_of(cell(record, "links"))) post.links.push_back({std::move(url), ""});
    post.lang = cell(record, "lang");
    post.reply_to = cell(record, "reply_to");
    if (post.id.empty()) return fail(ErrorCode::malformed, "its id is empty");
    read_created(cell(record, "created_at"), post);
    if (!read_state(folded(cell(record, "state")), post))
      return fail(ErrorCode::malformed, "its state must be live, edited or deleted");
    return post;
  }

 private:
  std::string cell(const db::CsvRecord& record, std::string_view field) const {
    const auto place = places_.find(field);
    if (place == places_.end() || place->second >= record.cells.size()) return {};
    return repair_utf8(db::without_formula_guard(record.cells[place->second]));
  }

  void read_created(std::string_view text, Post& post) const {
    post.created_at = read_time(trim(text));
    if (!trim(text).empty() && !post.created_at) ++tally_.unread_times;
  }

  static bool read_state(std::string_view text, Post& post) {
    if (text == "edited") post.state = PostState::edited;
    if (text == "deleted") post.state = PostState::deleted;
    return text.empty() || text == "live" || text == "edited" || text == "deleted";
  }

  Places places_;
  CsvTally& tally_;
};

}  // namespace

Status add_column(CsvMapping& mapping, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string field = folded(assignment.substr(0, equals));
  const std::string_view name = equals == std::string_view::npos ? "" : trim(assignment.substr(equals + 1));
  if (name.empty()) return fail(ErrorCode::usage, "--column is written FIELD=NAME: --column id=post_id");
  if (!is_field(field)) return fail(ErrorCode::usage, "--column: " + no_such_field(field));
  mapping.columns[field] = name;
  return {};
}

Result<CsvMapping> load_mapping(const std::string& path) {
  const auto text = config::read_small_file(path);
  if (!text) return tl::unexpected(text.error());
  CsvMapping mapping;
  const auto read = [&](config::Reader& root) {
    for (auto& [field, name] : root.at("columns").entries()) {
      mapping.columns[field] = name.scalar().value_or("");
      if (!is_field(field)) name.wrong(no_such_field(field));
      if (mapping.columns[field].empty()) name.wrong("must be the name of a column");
    }
    mapping.charset = root.text("charset");
    root.finish();
  };
  if (const auto done = config::read_yaml(*text, path, read); !done) return tl::unexpected(done.error());
  return mapping;
}

Result<CsvTally> read_csv_posts(Input& input, const CsvMapping& mapping, const std::string& platform,
                                const std::function<Status(Post)>& on_post,
                                const std::function<Status(const BadLine&)>& on_bad) {
  CsvTally tally;
  input.wrap([&](auto bytes) { return parsers::as_utf8(std::move(bytes), mapping.charset); });
  CsvRecords records(input.bytes());
  const auto header = records.next();
  if (!header) return fail(ErrorCode::malformed, input.name() + " is empty");
  auto places = places_in(*header, mapping);
  if (!places) return fail(places.error().code, fmt::format("{}: {}", input.name(), places.error().message));
  tally.columns = header->cells.size();
  tally.unused_columns = header->cells.size() - std::min(header->cells.size(), places->size());
  const PostReader reader(std::move(*places), tally);
  while (const auto record = records.next()) {
    auto post = record->error.empty() ? reader.read(*record) : fail(ErrorCode::malformed, record->error);
    Status taken;
    if (!post) {
      taken = on_bad({record->line, std::nullopt, post.error().message});
    } else {
      if (post->platform.empty()) post->platform = platform;
      taken = on_post(std::move(*post));
    }
    if (!taken) return tl::unexpected(taken.error());
  }
  if (auto well = input.ended_well(); !well) return tl::unexpected(well.error());
  return tally;
}

}  // namespace hw::app
