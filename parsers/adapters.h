// The adapters behind parser.h's list, and what they all ask of a document.
#pragma once

#include "common/document.h"
#include "parsers/parser.h"

namespace hw::parsers {

// By content type, or by its first bytes where the server states none.
bool is_html(const Document& document);
bool is_json(const Document& document);

namespace bluesky {
Parser adapter();
}
namespace craigslist {
Parser adapter();
}
namespace discourse {
Parser adapter();
}
namespace feed {
Parser adapter();
}
namespace fluxbb {
Parser adapter();
}
namespace fourchan {
Parser adapter();
}
namespace generic {
Parser adapter();
}
namespace invision {
Parser adapter();
}
namespace jetstream {
Parser adapter();
}
namespace lemmy {
Parser adapter();
}
namespace mastodon {
Parser adapter();
}
namespace mybb {
Parser adapter();
}
namespace nodebb {
Parser adapter();
}
namespace phpbb {
Parser adapter();
}
namespace reddit {
Parser adapter();
}
namespace smf {
Parser adapter();
}
namespace telegram {
Parser adapter();
}
namespace tumblr {
Parser adapter();
}
namespace vbulletin {
Parser adapter();
}
namespace x {
Parser adapter();
}
namespace xenforo {
Parser adapter();
}

}  // namespace hw::parsers
