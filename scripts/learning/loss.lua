-- Tells when the capture loses packets: many connections at once miss bytes that were acknowledged.
require "coverage"

local LEAST, SHARE = 3, 0.2

local all, short = tally.new { keys = 1 }, tally.new { keys = 1 }
all:count { on = "conn_delta", where = "proto == tcp and orig_bytes > 0 and resp_bytes > 0", key = { "proto" } }
short:count { on = "conn_delta", where = "proto == tcp and missed_bytes > 0", key = { "proto" } }

local function number_of(counted)
	local _, row = counted:take()()
	return row and row.n or 0
end

every("1m", function()
	local n, missing = number_of(all), number_of(short)
	if missing >= LEAST and missing >= n * SHARE then raise("capture.lossy", { share = missing / math.max(n, missing) }) end
end, { short, all, least = LEAST })
