// store export-sealed, store import-sealed: what goes between collectors and readers.
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/export_stream.h"
#include "app/reading.h"
#include "db/bundle.h"

namespace hw::app {
namespace {

Result<int> export_sealed(Session& session, const std::string& output) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  auto target = ExportStream::open(output, *session.out);
  if (!target) return tl::unexpected(target.error());
  if (auto done = db::export_sealed(**store, target->stream()); !done) return tl::unexpected(done.error());
  if (const auto digest = target->finish(); !digest) return tl::unexpected(digest.error());
  return kDone;
}

Result<std::string> read_bundle(const std::string& file) {
  std::ifstream stream;
  if (file != "-") stream.open(file, std::ios::binary);
  std::istream& input = file == "-" ? std::cin : stream;
  if (!input) return fail(ErrorCode::not_found, fmt::format("cannot read {}", file));
  return std::string(std::istreambuf_iterator<char>(input), {});
}

Result<int> import_sealed(Session& session, const std::string& file) {
  const auto bundle = read_bundle(file);
  if (!bundle) return tl::unexpected(bundle.error());
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  std::optional<db::Person> reader;
  if (!session.person.empty() || !db::people_here(session.data).empty()) {
    auto person = unlock_person(session, **store);
    if (!person) return tl::unexpected(person.error());
    reader = std::move(*person);
  }
  const auto taken = db::import_sealed(**store, *bundle, reader ? &*reader : nullptr);
  if (!taken) return within(file, taken.error());
  *session.out << fmt::format("{} hits, {} bans, {} verdicts and {} do-not-raise marks are new\n", taken->hits,
                              taken->bans, taken->reviews, taken->marks);
  if (taken->erased > 0)
    *session.out << fmt::format("{} that were erased or closed there are erased here, too\n", taken->erased);
  if (taken->closed > 0 && reader)
    complain(session, fmt::format("{} does not read everything in it; take it again with --as somebody who does",
                                  reader->name()));
  say_more_may_be_held(session);
  return kDone;
}

void add_export_sealed(CLI::App& store, Session& session) {
  auto output = std::make_shared<std::string>("-");
  CLI::App* command =
      store.add_subcommand("export-sealed", "A bundle for another machine: sealed, and signed by this host");
  command->add_option("--output", *output, "A new file; - is standard output")
      ->capture_default_str()
      ->type_name("FILE");
  command->footer(
      "Example:\n  handlewatch store export-sealed --output attic.bundle\nFrom a collector it brings hits to a "
      "reader's "
      "machine; from there, verdicts, holds, erasures and do-not-raise marks back. It can be read with a reader's key "
      "alone.");
  command->callback(
      [&session, output] { session.action = [&session, output] { return export_sealed(session, *output); }; });
}

void add_import_sealed(CLI::App& store, Session& session) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = store.add_subcommand("import-sealed", "Takes another machine's bundle, as often as it comes");
  command->add_option("FILE", *file, "- is standard input")->required();
  command->footer(
      "Example:\n  handlewatch store import-sealed attic.bundle --as alice\nThe host that made it has to be enrolled: "
      "handlewatch keys add attic --roles collector --public attic.pub. The same bundle twice changes nothing, and an "
      "older one never undoes a newer one.");
  command->callback([&session, file] { session.action = [&session, file] { return import_sealed(session, *file); }; });
}

}  // namespace

void add_store(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("store", "Sealed bundles between collectors and readers");
  command->require_subcommand(1);
  add_export_sealed(*command, session);
  add_import_sealed(*command, session);
}

}  // namespace hw::app
