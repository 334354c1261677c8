-- What luacheck takes for granted in scripts, dissectors and their tests.
std = "lua54"
max_line_length = 140

-- Scripts (otoscope doc lua) and Lua dissectors.
read_globals = { "on", "event", "raise", "addr", "mac", "subnet", "time", "interval", "now", "every", "after", "state", "log", "sorted" }

-- Tests that `otoscope test` runs (lua/test.lua), where assert is a table of assertions.
files["**/*.test.lua"] = {
	read_globals = { "describe", "context", "it", "pending", "skip", "needs", "before_each", "replay", "udp", "tcp", "unhex", "show",
		assert = { other_fields = true } },
}
-- These do on purpose what a test says is refused.
files["lua/tests/data/*.lua"] = { ignore = { "111" } }
