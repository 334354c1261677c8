-- Terminals whose operating system gets no more security updates: only what they announce of themselves counts, never a fingerprint.
local alert = require "alert"
local device = require "device"
local memo = require "memo"
local table_of = require "data.os_support"

local ANNOUNCED = 80 -- confidence of a fact, in percent

local ends = {}
for _, os in ipairs(table_of) do ends[os[1]] = os end

local unsupported = alert.kind {
	name = "unsupported_os", severity = "medium", category = "vulnerability", attack = { "T0866", "T0819" },
		settings = { quiet = "30d" },
	en = { "Operating system out of support", "{source} ({host}, MAC {mac}, {vendor}) runs {os}, out of support since {since}.",
		"Holes that become known in this system are closed no more: whoever reaches it over the network can take it over.",
		"Replace or upgrade it; until then let only the necessary devices reach it (firewall, virtual patch by an IPS)." },
	ja = { "サポート終了OS", "{source} ({host}、MAC {mac}、{vendor}) は {since} にサポートが終了した {os} を使用しています。",
		"新たに発見された脆弱性は修正されません。ネットワーク経由で攻撃される危険があります。",
		"更新または交換してください。それまでは必要な機器とだけ通信できるよう制限してください (ファイアウォール、IPSによる仮想パッチ)。" },
}

-- "Windows 7 or Server 2008 R2": all that it may be; nil when one of them is unknown or has no end.
local function alternatives(name)
	local list = {}
	if name:find " or newer" or name:find " or later" then return nil end
	for part in (name:gsub(" to ", " or ") .. " or "):gmatch "(.-) or " do
		if not part:find "^%a+ %d" and not ends[part] or part:find "^Server" then part = "Windows " .. part end
		local os = ends[part] or ends["Windows " .. part]
		if not os then return nil end
		list[#list + 1] = os
	end
	return list
end

-- The day on which the last of them ended; nil while one is supported.
local function ended(name, t)
	local latest = ""
	for _, os in ipairs(alternatives(name) or {}) do
		local last = os.last or os.general
		if t:format "%Y-%m-%d" <= last then return nil end
		if last > latest then latest = last end
	end
	return latest ~= "" and latest or nil
end

local facts = state.map { name = "os.facts", key = "addr", max = 20000 }  -- what each address announced
local hosts = state.map { name = "os.hosts", key = "addr", max = 20000 }  -- and its host name

-- Many announce the same, in few words.
local asked, FEW = nil, 400
local os_of = memo(function() return device.os(asked) end)

local function os_by(list)
	local parts = {}
	for i, f in ipairs(list) do parts[i] = table.concat({ f.key, tostring(f.value), f.source, f.confidence }, "\t") end
	local text = table.concat(parts, "\n")
	asked = list
	return #text <= FEW and os_of(text) or device.os(list)
end

local function judge(e, address, list)
	local os = os_by(list)
	local since = os.name ~= "unknown" and os.confidence >= ANNOUNCED and ended(os.name, e.ts)
	if not since then return end
	unsupported {
		event = e, source = address, target = false, key = address, os = os.name, since = since,
			host = hosts:get(address) or "no name",
		mac = e.mac, vendor = e.mac and e.mac:vendor() or "unknown vendor", value = os.name, threshold = since,
	}
end

local known = tally.new { keys = 5 }
known:count {
	on = "asset.fact", where = "ip and confidence >= 80 and source != p0f and key in {os, os_version, software}",
	key = { "ip", "mac", "key", "value", "source" },
	new = function(e)
		local list = facts:get(e.ip) or {}
		for i, f in ipairs(list) do
			if f.key == e.key and f.source == e.source then table.remove(list, i) break end
		end
		if #list < 16 then list[#list + 1] = { key = e.key, value = e.value, source = e.source, confidence = e.confidence } end
		facts:set(e.ip, list)
		judge(e, e.ip, list)
	end,
}
local names = tally.new { keys = 2 }
names:count {
	on = "asset.fact", where = "ip and key == hostname", key = { "ip", "value" }, new = function(e) hosts:set(e.ip, e.value) end,
}
-- An alert that was closed is told again the next day.
every("1d", function() known:clear() end)
