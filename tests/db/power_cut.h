// A disk that loses its power: a SQLite VFS around the system's that remembers what was written and not yet synced.
//
// At the write that is asked for, everything stops; then the files are made to look as a disk might leave them: what
// was synced is there, every later write is there, missing, or torn at a sector, by chance. Or the write fails as on a
// full disk; or the process is killed. One at a time, for files below one folder.
#pragma once

#include <cstdint>
#include <filesystem>

namespace hw::test {

enum class Fault { power_cut, full_disk, killed };

class FaultyDisk {
 public:
  // Becomes the default VFS of the process until it goes. Counts the writes to files below `folder`.
  explicit FaultyDisk(const std::filesystem::path& folder);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The write with this number (from 1, counted from now) goes wrong, and after a power cut every later one.
  void fail_at(std::uint64_t write, Fault fault);
  void heal();
  std::uint64_t writes() const;  // since fail_at(), or since the beginning
  bool struck() const;
  // After a power cut, with every connection closed: leaves the files as the disk has them.
  void cut(unsigned seed);
};

}  // namespace hw::test
