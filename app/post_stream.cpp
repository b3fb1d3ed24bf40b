#include "app/post_stream.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/line_reader.h"
#include "common/json.h"
#include "common/text.h"

namespace hw::app {
namespace {

std::optional<std::string> id_of(const std::string& line) {
  const auto value = nlohmann::json::parse(line, nullptr, false);
  if (!value.is_object() || !value.contains("id") || !value["id"].is_string()) return std::nullopt;
  return value["id"].get<std::string>();
}

}  // namespace

Result<Input> Input::open(const std::string& path) {
  Input input;
  if (path.empty() || path == "-") {
    input.stream_ = &std::cin;
    input.name_ = "standard input";
    return input;
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(ErrorCode::io, fmt::format("cannot read {}: it is a folder, name a file", path));
  input.file_ = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*input.file_) return fail(ErrorCode::io, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  input.stream_ = input.file_.get();
  input.name_ = path;
  return input;
}

Status read_posts(Input& input, const std::string& platform, const std::function<Status(Post)>& on_post,
                  const std::function<Status(const BadLine&)>& on_bad) {
  LineReader lines(input.stream());
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
  if (input.stream().bad())
    return fail(ErrorCode::io, fmt::format("{} broke off: {}", input.name(), std::strerror(errno)));
  return {};
}

}  // namespace hw::app
