#include "app/post_stream.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/line_reader.h"
#include "common/json.h"
#include "common/text.h"
#include "common/unpack.h"

namespace hw::app {
namespace {

std::optional<std::string> id_of(std::string_view line) {
  const auto value = nlohmann::json::parse(line, nullptr, false);
  if (!value.is_object() || !value.contains("id") || !value["id"].is_string()) return std::nullopt;
  return value["id"].get<std::string>();
}

}  // namespace

Result<Input> Input::open(const std::string& path) {
  auto file = open_bytes(path);
  if (!file) return tl::unexpected(file.error());
  Input input;
  input.bytes_ = unpacked(std::move(*file));
  const bool standard = path.empty() || path == "-";
  input.name_ = standard ? "standard input" : path;
  std::error_code unknown;
  const auto size = standard ? 0 : std::filesystem::file_size(path, unknown);
  input.size_ = unknown ? 0 : size;
  return input;
}

std::string_view Input::first(std::size_t count) {
  auto seen = std::make_unique<Prefetched>(std::move(bytes_), count);
  const std::string_view first = seen->first();
  bytes_ = std::move(seen);
  return first;
}

Result<std::string> Input::read_all(std::size_t most) {
  std::string text;
  for (std::string_view piece = bytes_->peek(); !piece.empty(); piece = bytes_->peek()) {
    if (text.size() + piece.size() > most)
      return fail(ErrorCode::io, fmt::format("{} is larger than {} MiB", name_, most >> 20));
    text += piece;
    bytes_->skip(piece.size());
  }
  if (auto well = ended_well(); !well) return tl::unexpected(well.error());
  return text;
}

Status Input::ended_well() const {
  const std::string trouble = bytes_->trouble();
  if (trouble.empty()) return {};
  return fail(ErrorCode::io, fmt::format("{}: {} (byte {})", name_, trouble, bytes_->offset()));
}

Status read_posts(Input& input, const std::string& platform, const std::function<Status(Post)>& on_post,
                  const std::function<Status(const BadLine&)>& on_bad) {
  LineReader lines(input.bytes());
  while (const auto line = lines.next()) {
    Status taken;
    if (line->too_long) {
      taken = on_bad({line->number, std::nullopt,
                      fmt::format("{} bytes long, a post has at most {}", line->bytes, LineReader::kLongest)});
    } else if (trim(line->text).empty()) {
      continue;
    } else if (auto post = post_from_json(line->text)) {
      if (post->platform.empty()) post->platform = platform;
      taken = on_post(std::move(*post));
    } else {
      taken = on_bad({line->number, id_of(line->text), post.error().message});
    }
    if (!taken) return taken;
  }
  return input.ended_well();
}

}  // namespace hw::app
