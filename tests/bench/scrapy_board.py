"""The same board read by Scrapy with lxml: posts found, the documented words and messenger names looked for, hits stored.

    python3 scrapy_board.py RESULT CONCURRENCY ADDRESS...

RESULT is a SQLite file that it makes; the table `done` holds how many pages and hits there were. It does less than ours:
no robots.txt, no ages, no context, nothing sealed.
"""
import hashlib
import re
import sqlite3
import sys
import unicodedata

import scrapy
from scrapy.crawler import CrawlerProcess

WORDS = re.compile(r"\b(perv|taboo|no ?limits|aam|map)\b")
MESSENGERS = re.compile(r"\b(wickr|telegram|signal|session|kik|threema|snapchat|discord|wire|whatsapp)\b\W{0,3}"
                        r"(?:me|is|id|user|name|add)?\W{0,3}@?([a-z0-9_.-]{3,32})")


class Board(scrapy.Spider):
    name = "board"

    def __init__(self, store, addresses):
        super().__init__()
        self.start_urls = addresses
        self.store = store
        self.pages = self.hits = 0

    def parse(self, response):
        self.pages += 1
        for post in response.xpath("//div[starts-with(@id, 'p') and contains(@class, 'post ')]"):
            self.judge(
                post.attrib["id"],
                post.xpath(".//p[@class='author']/strong/text()").get(),
                post.xpath(".//time/@datetime").get(),
                " ".join(post.xpath(".//div[@class='content']//text()").getall()),
                response.url)
        for link in response.css("a::attr(href)").getall():
            if "viewtopic.php?t=" in link:
                yield response.follow(link.split("#")[0], self.parse)

    def judge(self, number, author, time, text, address):
        folded = unicodedata.normalize("NFKC", text).casefold()
        seen = hashlib.blake2b((address + number + folded).encode(), digest_size=16).digest()
        self.store.execute("INSERT OR IGNORE INTO seen VALUES(?)", (seen,))
        handle = MESSENGERS.search(folded)
        if handle and WORDS.search(folded):
            self.hits += 1
            self.store.execute("INSERT INTO hit VALUES(?, ?, ?, ?, ?)", (number, author, time, handle[2], text))

    def closed(self, reason):
        self.store.execute("INSERT INTO done VALUES(?, ?)", (self.pages, self.hits))
        self.store.commit()


def main():
    result, concurrency, *addresses = sys.argv[1:]
    store = sqlite3.connect(result)
    store.executescript("""
      PRAGMA journal_mode=WAL;
      CREATE TABLE seen(print BLOB PRIMARY KEY) WITHOUT ROWID;
      CREATE TABLE hit(number, author, time, handle, text);
      CREATE TABLE done(pages, hits);""")
    process = CrawlerProcess({
        "CONCURRENT_REQUESTS": int(concurrency), "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False, "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "LOG_ENABLED": False,
        "RETRY_ENABLED": False, "HTTPPROXY_ENABLED": False})
    process.crawl(Board, store=store, addresses=addresses)
    process.start()


main()
