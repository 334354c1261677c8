-- What a signature engine finds becomes an alert: any script or plugin that raises `signature.hit` is one.
--
--   raise("signature.hit", { signature = "2024217", text = "SMB exploit attempt", cve = "CVE-2017-0144", severity = "high",
--     source = e.orig_h, target = e.resp_h, rule = "content:|ff|SMB ..." })
local alert = require "alert"

event.new {
	name = "signature.hit", doc = "A signature matched: of a rule engine, or of a script that looks for known bytes.",
	{ "signature", "string", "its identifier" }, { "text", "string", "what it finds" },
	{ "rule", "string", "the rule as written", optional = true },
	{ "cve", "string", "the weakness, as CVE-2017-0144", optional = true },
	{ "severity", "string", "info, low, medium, high or critical", optional = true },
	{ "source", "addr", "who sent it", optional = true }, { "target", "addr", "to whom", optional = true },
}

local excluded = state.set { name = "signature.excluded", key = { "string", "string" }, max = 20000 } -- signature, source
local SEVERITIES = { info = true, low = true, medium = true, high = true, critical = true }
local NONE = { en = "none named", ja = "該当なし" }

local hit = alert.kind {
	name = "signature", severity = "medium", category = "suspicion of malicious activity", attack = { "T0866" },
	en = { "Signature matched", "{source} to {target}: {text} (signature {signature}, CVE: {cve}).",
		"Bytes of a known attack or of known malware: {rule}",
		"See what {source} is and whether {target} has this weakness; patch it or shield it." },
	ja = { "シグネチャ検知", "{source} から {target}: {text} (シグネチャ {signature}、CVE: {cve})。",
		"既知の攻撃またはマルウェアのパターンです: {rule}",
		"{source} の素性と {target} の脆弱性の有無を確認し、修正または防御してください。" },
}

on("signature.hit", function(e)
	local source = e.source and tostring(e.source) or "-"
	if excluded:has { e.signature, source } or excluded:has { e.signature, "*" } then return end
	hit {
		event = e, source = e.source or false, target = e.target or false, key = { e.signature, source }, text = e.text,
		signature = e.signature, cve = e.cve or NONE, rule = e.rule or e.text, severity = SEVERITIES[e.severity] and e.severity,
	}
end)

local args = { { "signature", "string", "its identifier" }, { "source", "string", "an address; absent: all" } }
command.new {
	name = "signatures exclude", doc = "Tell no more of a signature where this source matches it.", writes = true, args = args,
	run = function(a) excluded:add { a.signature or error("which signature?", 0), a.source or "*" } end,
}
command.new {
	name = "signatures include", doc = "Tell of it again.", writes = true, args = args,
	run = function(a)
		if not excluded:remove { a.signature or "", a.source or "*" } then error("that is not excluded", 0) end
	end,
}
command.new {
	name = "signatures", doc = "The signatures that are excluded, and for whom.",
	columns = { { "signature", "string", "its identifier" }, { "source", "string", "an address, or * for all" } },
	run = function()
		local out = {}
		for signature, source in excluded:pairs() do out[#out + 1] = { signature = signature, source = source } end
		return out
	end,
}
