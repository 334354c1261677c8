-- What luacheck knows of our Lua: the engine's words in scripts, dissectors and tests.
std = "lua54"
max_line_length = 140
-- An unused argument names what a callback is given.
unused_args = false

local engine = { "on", "raise", "event", "state", "log", "tally", "numbers", "rhythms", "ledgers", "tabbed", "ranges", "echo", "command", "every", "after", "now", "addr", "mac", "subnet", "time", "interval", "sorted", "unknown_key", "type_of", "printable",
  "fact_keys" }
files["scripts"] = { read_globals = engine }
files["plugins"] = { read_globals = engine }
files["analyzers"] = { read_globals = engine }
files["lua"] = { read_globals = engine }
-- Toys that do what must be refused.
files["lua/tests/data"] = { globals = { "shared", "kept_global", "count", "print", "tostring", "utf8", "string" } }
-- The words of NAME.test.lua (lua/test.lua defines them).
local assertions = { fields = { "equal", "same", "near", "contains", "has_error", "is_true", "is_false", "is_nil" }, other_fields = true }
files["**/*.test.lua"] = { read_globals = { "describe", "it", "before_each", "replay", "udp", "tcp", "arp", "via", "unhex", "folder", assert = assertions } }
