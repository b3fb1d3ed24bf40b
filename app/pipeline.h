// The only place where the stages meet: a fetched document becomes posts, posts become verdicts, hits become records.
//
//   document → parser → posts → classifier ‖ (not judged before?) → store → what the crawler needs to know
//
// read() is the part before the bar, for any number of threads; store() the part after it, for one. It returns only
// after what was found is committed; the crawler then marks the pages done. So a crash between the two judges a page
// twice, which changes nothing, and never loses one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "app/capture.h"
#include "classifier/classifier.h"
#include "common/document.h"
#include "common/error.h"
#include "common/post.h"
#include "config/settings.h"
#include "crawler/page_stages.h"
#include "db/store.h"
#include "parsers/parser.h"

namespace hw::app {

struct Judgement {
  std::size_t posts = 0;
  std::size_t new_posts = 0;  // not judged before
  std::size_t hits = 0;       // new ones that a reviewer will see
};

class Pipeline final : public crawler::PageStages {
 public:
  // All borrowed; they outlive the pipeline.
  Pipeline(const classifier::Classifier& classifier, db::Store& store, const Clock& clock, CaptureContext capture)
      : classifier_(classifier), store_(store), clock_(clock), capture_(std::move(capture)) {}

  // Classifies the posts that are new under these rules and records them, in one transaction; those that are deleted
  // are noted on their hits. Every post has its platform. Fails only when the store does. `document` is what they were
  // read from, for the evidence.
  Result<Judgement> judge(std::vector<Post> posts, const Document* document = nullptr);

  // Notes on the hits of these accounts of a platform that they are gone.
  Status note_gone(std::string_view platform, std::span<const std::string> author_ids);

  // A document of a source, read by its adapter, its posts classified.
  std::unique_ptr<crawler::Reading> read(const config::SourceSpec& source, Document document) const override;
  // One transaction for all pages without hits, and one for each of the others.
  Result<std::vector<crawler::PageOutcome>> store(std::span<const std::unique_ptr<crawler::Reading>> readings) override;

 private:
  struct ReadPosts;
  Result<std::size_t> record(std::span<ReadPosts* const> pages);

  const classifier::Classifier& classifier_;
  db::Store& store_;
  const Clock& clock_;
  CaptureContext capture_;
};

// What the source's adapter asks for first. For `auto`, the address itself: the adapter is known once it has answered.
std::vector<Request> plan_entry(const config::SourceSpec& source, const parsers::Cursor& cursor);

// The page as the source's adapter reads it. For `auto` the first that recognises it; where that adapter begins
// elsewhere (an API beside the page), the page only leads there.
parsers::ParsedPage read_page(const config::SourceSpec& source, const Document& document);

}  // namespace hw::app
