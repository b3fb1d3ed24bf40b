// A MISP feed: a folder with manifest.json and one <uuid>.json for each event.
#pragma once

#include <filesystem>

#include "app/handle_writer.h"

namespace hw::app {

// Makes the folder (0700); an existing one is refused. The events' digests, and the manifest's last, make up digest().
class MispFeed final : public HandleWriter {
 public:
  static Result<std::unique_ptr<MispFeed>> open(const ExportContext& context, const std::filesystem::path& folder);
  ~MispFeed() override;  // removes the folder unless finish() succeeded

  bool wants_adverts() const override { return true; }
  Status add(const db::ExportedHandle& handle) override;
  Status finish() override;
  // SHA-256, in hex, of "digest  name" lines of all files. After finish().
  const std::string& digest() const;

 private:
  struct Impl;
  explicit MispFeed(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::app
