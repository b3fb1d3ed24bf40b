#include "tests/db/power_cut.h"

#include <csignal>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace hw::test {
namespace {

constexpr std::size_t kSector = 512;

struct Write {
  sqlite3_int64 at = 0;
  std::string bytes;
  bool truncate = false;  // to `at` bytes
};

// One file as the disk has it for certain, and what came since.
struct Shadow {
  std::string synced;
  std::vector<Write> pending;
};

struct World {
  std::string folder;
  std::map<std::string, Shadow> files;
  std::uint64_t writes = 0;
  std::uint64_t fail_at = 0;
  Fault fault = Fault::power_cut;
  bool struck = false;
  bool dead = false;
};

World* world = nullptr;
sqlite3_vfs* below = nullptr;

struct File {
  sqlite3_file base;
  sqlite3_file* real;
  Shadow* shadow;  // null: not ours
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real; }

void lay_down(std::string& content, const Write& write) {
  const auto at = static_cast<std::size_t>(write.at);
  if (write.truncate) {
    content.resize(at);
    return;
  }
  if (content.size() < at + write.bytes.size()) content.resize(at + write.bytes.size());
  content.replace(at, write.bytes.size(), write.bytes);
}

// SQLITE_OK: go on.
int strike() {
  if (world->dead) return SQLITE_IOERR_WRITE;
  if (++world->writes != world->fail_at) return SQLITE_OK;
  world->struck = true;
  if (world->fault == Fault::killed) ::kill(::getpid(), SIGKILL);
  if (world->fault == Fault::full_disk) return SQLITE_FULL;
  world->dead = true;
  return SQLITE_IOERR_WRITE;
}

int close(sqlite3_file* file) {
  const int code = real_of(file)->pMethods == nullptr ? SQLITE_OK : real_of(file)->pMethods->xClose(real_of(file));
  return code;
}
int read(sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
  return real_of(file)->pMethods->xRead(real_of(file), into, size, at);
}
int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  if (Shadow* shadow = file_of(file).shadow) {
    Write pending{at, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)), false};
    const int code = strike();
    // The write that the power cut met may have reached the disk, too.
    if (code == SQLITE_OK || (world->fault == Fault::power_cut && world->writes == world->fail_at))
      shadow->pending.push_back(std::move(pending));
    if (code != SQLITE_OK) return code;
  }
  return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (Shadow* shadow = file_of(file).shadow) {
    if (world->dead) return SQLITE_IOERR_TRUNCATE;
    shadow->pending.push_back({size, {}, true});
  }
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (Shadow* shadow = file_of(file).shadow) {
    if (world->dead) return SQLITE_IOERR_FSYNC;
    for (const Write& write : shadow->pending) lay_down(shadow->synced, write);
    shadow->pending.clear();
  }
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
int unlock(sqlite3_file* file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
int check_reserved(sqlite3_file* file, int* out) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
int file_control(sqlite3_file* file, int op, void* arg) {
  return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}
int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
int characteristics(sqlite3_file*) { return 0; }  // a disk that promises nothing
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

const sqlite3_io_methods kMethods{
    2,         close,          read,         write,       truncate,        sync,    file_size, lock,
    unlock,    check_reserved, file_control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
    shm_unmap, nullptr,        nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File& ours = file_of(file);
  ours.real = reinterpret_cast<sqlite3_file*>(&ours + 1);
  ours.real->pMethods = nullptr;
  ours.shadow = nullptr;
  const int code = below->xOpen(below, name, ours.real, flags, out_flags);
  ours.base.pMethods = code == SQLITE_OK ? &kMethods : nullptr;
  if (code == SQLITE_OK && name != nullptr && std::string_view(name).starts_with(world->folder)) {
    const auto [found, fresh] = world->files.try_emplace(name);
    if (fresh) found->second.synced = read_file(name);
    ours.shadow = &found->second;
  }
  return code;
}
int remove(sqlite3_vfs*, const char* name, int sync_folder) {
  if (world->dead) return SQLITE_IOERR_DELETE;
  world->files.erase(name);
  return below->xDelete(below, name, sync_folder);
}
int access(sqlite3_vfs*, const char* name, int flags, int* out) { return below->xAccess(below, name, flags, out); }
int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  return below->xFullPathname(below, name, size, out);
}
int randomness(sqlite3_vfs*, int size, char* out) { return below->xRandomness(below, size, out); }
int sleep(sqlite3_vfs*, int micros) { return below->xSleep(below, micros); }
int current_time(sqlite3_vfs*, double* out) { return below->xCurrentTime(below, out); }
int last_error(sqlite3_vfs*, int size, char* out) { return below->xGetLastError(below, size, out); }
int current_time_int64(sqlite3_vfs*, sqlite3_int64* out) { return below->xCurrentTimeInt64(below, out); }

sqlite3_vfs faulty{};

std::string left_on_disk(const Shadow& shadow, std::mt19937& random) {
  std::string content = shadow.synced;
  for (const Write& write : shadow.pending) {
    const auto fate = random() % 3;
    if (fate == 0) continue;  // lost
    Write torn = write;
    if (fate == 1 && !write.truncate && write.bytes.size() > kSector)
      torn.bytes.resize(random() % (write.bytes.size() / kSector) * kSector);
    lay_down(content, torn);
  }
  return content;
}

}  // namespace

FaultyDisk::FaultyDisk(const std::filesystem::path& folder) {
  static World the_world;
  the_world = World{};
  the_world.folder = folder.string();
  world = &the_world;
  below = sqlite3_vfs_find(nullptr);
  faulty = *below;
  faulty.zName = "faulty-disk";
  faulty.iVersion = 2;
  faulty.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
  faulty.xOpen = open;
  faulty.xDelete = remove;
  faulty.xAccess = access;
  faulty.xFullPathname = full_pathname;
  faulty.xRandomness = randomness;
  faulty.xSleep = sleep;
  faulty.xCurrentTime = current_time;
  faulty.xGetLastError = last_error;
  faulty.xCurrentTimeInt64 = current_time_int64;
  sqlite3_vfs_register(&faulty, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&faulty);
  sqlite3_vfs_register(below, 1);
}

void FaultyDisk::fail_at(std::uint64_t write, Fault fault) {
  world->writes = 0;
  world->fail_at = write;
  world->fault = fault;
  world->struck = false;
}

void FaultyDisk::heal() {
  world->fail_at = 0;
  world->dead = false;
}

std::uint64_t FaultyDisk::writes() const { return world->writes; }
bool FaultyDisk::struck() const { return world->struck; }

void FaultyDisk::cut(unsigned seed) {
  std::mt19937 random(seed);
  for (const auto& [name, shadow] : world->files)
    if (std::filesystem::exists(name)) write_file(name, left_on_disk(shadow, random));
  for (const auto& entry : std::filesystem::directory_iterator(world->folder))
    if (entry.path().string().ends_with("-shm")) std::filesystem::remove(entry.path());  // was memory only
  world->files.clear();
  heal();
}

}  // namespace hw::test
