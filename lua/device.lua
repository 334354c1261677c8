-- device.lua - what a device is, from what is known of it: its operating system from facts of several sources, its role from behaviour.
--
-- Pure functions over plain tables: no events, no stores, no clock. "unknown" is an answer. Nothing here is more certain than its
-- best source: a handshake's fingerprint hints, what a device announces of itself counts, and where announcements contradict each
-- other, the answer says so instead of choosing.
--
--   device.os(facts) -> { name, family, confidence, sources, disagree, against }
--     facts      list of { source = "nbdgm", value = "Windows 7", confidence = 100, key = "os" }: of asset.fact, keys os, os_version and
--                software (others are passed over)
--     name       "Windows 10 22H2", "Linux", "unknown"
--     family     "Windows", "Windows 9x", "Linux", "macOS" ...; nil when unknown
--     confidence percent
--     sources    names of the sources that say so, the best first
--     disagree   where equally good sources contradict each other: list of { source, value }; else nil
--     against    what weaker sources said otherwise: list of { source, value }; else nil
--
--   device.role(behaviour) -> { role, roles, reasons }
--     behaviour  counters, all of them optional:
--       serves     service -> how many clients it answered        asks        service -> how many servers it asked
--       controlled OT protocol -> by how many clients             controls    OT protocol -> how many devices
--       taken      ot.operation's op -> how often it was asked    done        the same -> how often it asked
--       claims     list of the values of its facts role and device_type, as it says itself
--       told       the same, as others are told of it
--       text       list of the values of its facts vendor, model, software, description, vendor_class
--       behind     how many other addresses were seen behind its MAC
--       clients    how many others it answered at all           servers    how many others it asked at all
--       controller protocol of controllers in which it told what it is
--       refused    how many different OT functions were all refused or not answered
--       knocked    how many addresses it called that never answered
--       tried      how many connections to one other were refused
--     role       the most telling one: "PLC", "HMI", "engineering station", ..., "server", "client", "unknown"
--     roles      all of them, in that order
--     reasons    a line for each of them, in that order

local device = {}

-- ------------------------------------------------------------------------------------------------ Windows by build number

local NEWEST = math.huge

-- Builds of the NT line; every release has a higher one. Names of the workstation and of the server with that kernel.
local windows = {
  { from = 1057, to = 1057, client = "NT 3.51", server = "NT 3.51" },
  { from = 1381, to = 1381, client = "NT 4.0", server = "NT 4.0" },
  { from = 2195, to = 2195, client = "2000", server = "2000 Server" },
  { from = 2600, to = 2600, client = "XP" },
  { from = 3790, to = 3790, client = "XP x64", server = "Server 2003" },
  { from = 6000, to = 6003, client = "Vista", server = "Server 2008" },
  { from = 7600, to = 7601, client = "7", server = "Server 2008 R2" },
  { from = 9200, to = 9200, client = "8", server = "Server 2012" },
  { from = 9600, to = 9600, client = "8.1", server = "Server 2012 R2" },
  { from = 10240, to = 19045, client = "10", server = "Server 2016 or 2019" },
  { from = 20348, to = 20348, server = "Server 2022" },
  { from = 22000, to = 29999, client = "11", server = "Server 2025" },
}

-- Releases within 10, 11 and their servers.
local releases = {
  [10240] = { client = "10 1507" }, [10586] = { client = "10 1511" }, [14393] = { client = "10 1607", server = "Server 2016" },
  [15063] = { client = "10 1703" }, [16299] = { client = "10 1709" }, [17134] = { client = "10 1803" },
  [17763] = { client = "10 1809", server = "Server 2019" }, [18362] = { client = "10 1903" }, [18363] = { client = "10 1909" },
  [19041] = { client = "10 2004" }, [19042] = { client = "10 20H2" }, [19043] = { client = "10 21H1" },
  [19044] = { client = "10 21H2" }, [19045] = { client = "10 22H2" }, [22000] = { client = "11 21H2" },
  [22621] = { client = "11 22H2" }, [22631] = { client = "11 23H2" }, [26100] = { client = "11 24H2", server = "Server 2025" },
  [26200] = { client = "11 25H2" },
}

-- What texts call them, the longer before the shorter that it contains. A match is cut out of the text.
local products = {
  { "server 2003 r2", 3790, 3790, "server" }, { "server 2003", 3790, 3790, "server" }, { "2003", 3790, 3790, "server" },
  { "server 2008 r2", 7600, 7601, "server" }, { "server 2008", 6001, 6003, "server" }, { "server 2012 r2", 9600, 9600, "server" },
  { "server 2012", 9200, 9200, "server" }, { "server 2016", 14393, 14393, "server" }, { "server 2019", 17763, 17763, "server" },
  { "server 2022", 20348, 20348, "server" }, { "server 2025", 26100, 26100, "server" },
  { "2000 server", 2195, 2195, "server" }, { "2000 lan manager", 2195, 2195 }, { "2000", 2195, 2195 }, { "2002", 2600, 2600 },
  { "xp x64", 3790, 3790 }, { "xp professional x64", 3790, 3790 }, { "xp", 2600, 2600 }, { "vista", 6000, 6003 },
  { "2016", 14393, 14393, "server" }, { "2019", 17763, 17763, "server" }, { "2022", 20348, 20348, "server" },
  { "2025", 26100, 26100, "server" }, { "2008 r2", 7600, 7601, "server" }, { "2012 r2", 9600, 9600, "server" },
  { "2008", 6001, 6003, "server" }, { "2012", 9200, 9200, "server" },
  { "nt kernel 5.x", 2195, 3790 }, { "nt kernel 6.x", 6000, NEWEST }, { "nt kernel", 1381, NEWEST },
  { "8.1", 9600, 9600 }, { "7", 7600, 7601 }, { "8", 9200, 9200 }, { "10", 10240, 19045 }, { "11", 22000, 29999 },
}

local kernels = {
  ["3.51"] = { 1057, 1057 }, ["4.0"] = { 1381, 1381 }, ["5.0"] = { 2195, 2195 }, ["5.1"] = { 2600, 2600 }, ["5.2"] = { 3790, 3790 },
  ["6.0"] = { 6000, 6003 }, ["6.1"] = { 7600, 7601 }, ["6.2"] = { 9200, 9200 }, ["6.3"] = { 9600, 9600 }, ["10.0"] = { 10240, NEWEST },
}

local function band_of(build)
  for _, w in ipairs(windows) do
    if build >= w.from and build <= w.to then return w end
  end
end

local function is_build(n)
  return n and (n >= 10240 and n < 30000 or n < 10240 and band_of(n) ~= nil)
end

local function widen(claim, lo, hi)
  claim.lo = math.min(claim.lo or lo, lo)
  claim.hi = math.max(claim.hi or hi, hi)
end

local function escaped(word)
  return (word:gsub("%W", "%%%0"))
end

-- "10.0.19045", "NT 6.1 (build 7601)", "Windows/5.0": true when the text has one.
local function read_kernel(claim, text)
  local major, minor, rest = text:match("%f[%w](%d+)%.(%d+)(.*)$")
  local kernel = major and kernels[major .. "." .. minor]
  if not kernel or text:match("%f[%w]8%.1%f[^%w]") then return false end
  local build = tonumber(rest:match("^%.(%d+)") or rest:match("build (%d+)"))
  if is_build(build) and build >= kernel[1] and build <= kernel[2] then
    widen(claim, build, build)
  else
    widen(claim, kernel[1], kernel[2])
  end
  return true
end

local function read_products(claim, text)
  local server, client = false, false
  for _, p in ipairs(products) do
    local pattern = "%f[%w.]" .. escaped(p[1]) .. "%f[^%w.]"
    if text:find(pattern) then
      text = text:gsub(pattern, " ")
      widen(claim, p[2], p[3])
      if p[4] then server = true else client = true end
    end
  end
  if server or client then claim.kind = server ~= client and (server and "server" or claim.kind or "client") or nil end
  local build = tonumber(text:match("%f[%d](%d%d%d%d%d?)%f[%D]"))
  if claim.lo and is_build(build) and build >= claim.lo and build <= claim.hi then claim.lo, claim.hi = build, build end
end

local function windows_claim(text)
  local rest = text:match("windows(.*)$")
  local claim = { family = "Windows" }
  if rest:find("^[ /-]*ce%f[%W]") then return { family = "Windows CE", text = "Windows CE" } end
  if rest:find("%f[%w]95%f[%W]") or rest:find("%f[%w]98%f[%W]") or rest:find("%f[%w]me%f[%W]") or rest:find("9x", 1, true) then
    local one = rest:match("%f[%w](9[58])%f[%W]") or (rest:find("%f[%w]me%f[%W]") and "Me")
    return { family = "Windows 9x", text = one and "Windows " .. one or "Windows 9x" }
  end
  if rest:find("phone", 1, true) then return { family = "Windows Phone", text = "Windows Phone" } end
  local endless = rest:find("%f[%w]or newer") or rest:find("%f[%w]or later") or rest:find("%f[%w]and newer") or rest:find("+", 1, true)
  claim.kind = rest:find("server", 1, true) and not rest:find("or server", 1, true) and "server" or nil
  if not read_kernel(claim, rest) then read_products(claim, rest) end
  claim.lo, claim.hi = claim.lo or 1057, endless and NEWEST or claim.hi or NEWEST
  return claim
end

local function windows_name(claim)
  local lo, hi, kind = claim.lo, claim.hi, claim.kind
  if lo <= 1381 and hi == NEWEST then return "Windows" end -- of the NT line, as all are
  local first, last = band_of(lo), hi == NEWEST and {} or band_of(hi)
  local function named(row)
    if kind == "server" then return row.server or row.client end
    if kind == nil and row.client and row.server and row.client ~= row.server then return row.client .. " or " .. row.server end
    return row.client or row.server
  end
  if not first then return "Windows" end
  if first == last then
    local release = lo == hi and releases[lo]
    local exact = release and (not kind or release[kind]) and release
    -- a server of no release of its own keeps the name of its band; a range of 10 names no server that it may not be
    if exact then return "Windows " .. named(exact) end
    if lo ~= hi and kind ~= "server" and lo >= 10240 then return "Windows " .. (first.client or first.server) end
    return "Windows " .. named(first)
  end
  if hi == NEWEST then return "Windows " .. (kind == "server" and first.server or first.client or first.server) .. " or newer" end
  return "Windows " .. (first.client or first.server) .. " to " .. (last and (last.client or last.server) or "newer")
end

-- ------------------------------------------------------------------------------------------------ other systems

-- pattern, family, the family whose kernel and stack it shares, and whether the word itself is a distribution's. Order counts.
local systems = {
  { "cisco ios", "Cisco IOS" }, { "ios%-xe", "Cisco IOS" }, { "nx%-os", "Cisco NX-OS" },
  { "android", "Android", kin = "Linux" }, { "chrome ?os", "ChromeOS", kin = "Linux" }, { "%f[%w]cros%f[%W]", "ChromeOS", kin = "Linux" },
  { "ipados", "iOS", kin = "Darwin" }, { "iphone", "iOS", kin = "Darwin" }, { "ipad", "iOS", kin = "Darwin" },
  { "%f[%w]ios%f[%W]", "iOS", kin = "Darwin" }, { "mac ?os", "macOS", kin = "Darwin" }, { "%f[%w]os x%f[%W]", "macOS", kin = "Darwin" },
  { "darwin", "Darwin" },
  { "ubuntu", "Linux", distribution = true }, { "debian", "Linux", distribution = true }, { "raspbian", "Linux", distribution = true },
  { "centos", "Linux", distribution = true }, { "red ?hat", "Linux", distribution = true }, { "rhel", "Linux", distribution = true },
  { "fedora", "Linux", distribution = true }, { "suse", "Linux", distribution = true }, { "alpine", "Linux", distribution = true },
  { "openwrt", "Linux", distribution = true }, { "rocky", "Linux", distribution = true }, { "alma", "Linux", distribution = true },
  { "routeros", "RouterOS", kin = "Linux" }, { "linux", "Linux" },
  { "freebsd", "FreeBSD" }, { "openbsd", "OpenBSD" }, { "netbsd", "NetBSD" }, { "vxworks", "VxWorks" }, { "%f[%w]qnx", "QNX" },
  { "solaris", "Solaris" }, { "sunos", "Solaris" }, { "hp%-ux", "HP-UX" }, { "%f[%w]aix%f[%W]", "AIX" }, { "junos", "Junos" },
  { "fortios", "FortiOS" }, { "esxi?%f[%W]", "ESXi" }, { "openvms", "OpenVMS" }, { "threadx", "ThreadX" }, { "nucleus", "Nucleus" },
  { "freertos", "FreeRTOS" }, { "%f[%w]ecos%f[%W]", "eCos" }, { "integrity", "INTEGRITY" }, { "unix", "Unix" },
}

local TEXT_MAX = 80

local function system_claim(value)
  local text = value:lower()
  if text:find("windows", 1, true) then return windows_claim(text) end
  for _, s in ipairs(systems) do
    if text:find(s[1]) then
      -- "Linux/4.14", "Linux-5.10.63": a blank between name and version
      local shown = value:sub(1, TEXT_MAX):gsub("^(%a+)[/-](%d)", "%1 %2")
      return { family = s[2], kin = s.kin, text = shown, special = (s.distribution and 2 or 0) + (text:find("%d") and 1 or 0) }
    end
  end
  if not text:find("%w") then return nil end
  return { family = value:sub(1, TEXT_MAX), text = value:sub(1, TEXT_MAX), special = 1 }
end

-- ------------------------------------------------------------------------------------------------ weighing

local FINGERPRINT, AGENT, ASKED, ANNOUNCED = 1, 2, 3, 4

-- How good a source is by its kind. Those not named are ranked by the confidence they state.
local ranks = {
  p0f = FINGERPRINT, tcp = FINGERPRINT, tls = AGENT, ja3 = FINGERPRINT, ja4 = FINGERPRINT, icmp = FINGERPRINT, quic = AGENT,
  http = AGENT, ssdp = AGENT, wsd = AGENT, rdp = ASKED, dhcp = ASKED, dhcpv6 = ASKED,
  nbdgm = ANNOUNCED, smb = ANNOUNCED, ntlm = ANNOUNCED, snmp = ANNOUNCED, dns = ANNOUNCED, mdns = ANNOUNCED, ntp = ANNOUNCED,
  ssh = ANNOUNCED, lldp = ANNOUNCED, cdp = ANNOUNCED, telnet = ANNOUNCED, ftp = ANNOUNCED, syslog = ANNOUNCED, tds = ANNOUNCED,
}

local function rank_of(fact)
  local stated = fact.confidence or 50
  local by_confidence = stated >= 80 and ANNOUNCED or stated >= 50 and ASKED or stated > 30 and AGENT or FINGERPRINT
  local known = ranks[fact.source]
  -- a source of a good kind that itself says it only guesses is no better than its guess
  return known and (stated < 50 and math.min(known, by_confidence) or known) or by_confidence
end

local function is_unix(claim)
  return claim.family:sub(1, 7) ~= "Windows"
end

-- Can both be true?
local function agree(a, b)
  if a.family == b.family then
    return not a.lo or a.lo <= b.hi and b.lo <= a.hi
  end
  if a.kin == b.family or b.kin == a.family then return true end
  if a.kin and a.kin == b.kin and (a.rank == FINGERPRINT or b.rank == FINGERPRINT) then return true end
  if a.family == "Unix" or b.family == "Unix" then return is_unix(a) and is_unix(b) end
  return false
end

local function narrower(a, b)
  if a.lo then return b.lo and b.hi - b.lo < a.hi - a.lo end
  if a.family ~= b.family then return a.family == "Unix" or b.kin == a.family end
  return b.rank > FINGERPRINT and (b.special or 0) > (a.special or 0)
end

-- What both say together.
local function joined(a, b)
  local best = narrower(a, b) and b or a
  local j = { family = best.family, kin = best.kin, text = best.text, special = best.special, rank = a.rank }
  -- workstation or server: programs that ask do not know
  j.kind = a.kind or b.rank == ANNOUNCED and b.kind or nil
  if a.lo and b.lo then j.lo, j.hi = math.max(a.lo, b.lo), math.min(a.hi, b.hi) else j.lo, j.hi = best.lo, best.hi end
  return j
end

local function name_of(claim)
  if claim.lo then return windows_name(claim) end
  -- a fingerprint's versions are those of its base, which is old
  return claim.rank == FINGERPRINT and claim.family or claim.text
end

-- Samba announces the Windows that it is told to be.
local function has_samba(facts)
  for _, f in ipairs(facts) do
    if tostring(f.value):lower():find("samba", 1, true) then return true end
  end
  return false
end

local function claims_of(facts)
  local claims, samba = {}, has_samba(facts)
  for _, f in ipairs(facts) do
    local value = f.value ~= nil and tostring(f.value) or ""
    local of_system = f.key == nil or f.key == "os" or f.key == "os_version" and value:lower():find("windows", 1, true)
    local claim = of_system and system_claim(value)
    if claim then
      claim.rank, claim.confidence, claim.source, claim.value = rank_of(f), f.confidence or 50, f.source or "?", value
      local masked = samba and claim.family == "Windows" and claim.rank == ANNOUNCED
      if not masked then claims[#claims + 1] = claim end
    end
  end
  if samba and #claims == 0 then
    claims[1] = { family = "Unix", text = "Unix with Samba", rank = ANNOUNCED, confidence = 50, source = "samba", value = "Samba" }
  end
  -- the best first; a stable order whatever the order of the facts
  table.sort(claims, function(a, b)
    if a.rank ~= b.rank then return a.rank > b.rank end
    if a.confidence ~= b.confidence then return a.confidence > b.confidence end
    if a.source ~= b.source then return a.source < b.source end
    return a.value < b.value
  end)
  return claims
end

local function add_once(list, v)
  for _, had in ipairs(list) do
    if had == v then return end
  end
  list[#list + 1] = v
end

-- A family that all claims of this rank share, if any.
local function shared_family(claims, rank)
  local family
  for _, c in ipairs(claims) do
    if c.rank == rank then
      if family and family ~= c.family then return nil end
      family = c.family
    end
  end
  return family
end

local function contradiction(claims, rank)
  local answer = { name = "unknown", confidence = 0, sources = {}, disagree = {} }
  local family, least = shared_family(claims, rank), 100
  for _, c in ipairs(claims) do
    if c.rank == rank then
      answer.disagree[#answer.disagree + 1] = { source = c.source, value = c.value }
      add_once(answer.sources, c.source)
      least = math.min(least, c.confidence)
    end
  end
  if family then answer.name, answer.family, answer.confidence = family, family, least // 2 end
  return answer
end

local limits = { [FINGERPRINT] = 30, [AGENT] = 60, [ASKED] = 80, [ANNOUNCED] = 100 }

function device.os(facts)
  local claims = claims_of(facts)
  local best = claims[1]
  if not best then return { name = "unknown", confidence = 0, sources = {} } end
  local sum, answer = best, { sources = { best.source }, against = {} }
  for i = 2, #claims do
    local c = claims[i]
    if agree(sum, c) then
      -- a fingerprint confirms a family and narrows nothing
      if c.rank > FINGERPRINT or sum.rank == FINGERPRINT then sum = joined(sum, c) end
      add_once(answer.sources, c.source)
    elseif c.rank == best.rank then
      return contradiction(claims, best.rank)
    else
      answer.against[#answer.against + 1] = { source = c.source, value = c.value }
    end
  end
  answer.name, answer.family = name_of(sum), sum.family
  -- each further source adds a little, none makes a guess certain
  answer.confidence = math.min(best.confidence + 5 * (#answer.sources - 1), limits[best.rank], 100)
  if #answer.against == 0 then answer.against = nil end
  return answer
end

-- ------------------------------------------------------------------------------------------------ roles

-- The keys whose number is not 0, in order.
local function keys(t)
  local list = {}
  for k, n in pairs(t or {}) do
    if n > 0 then list[#list + 1] = tostring(k) end
  end
  table.sort(list)
  return list
end

local function count(t)
  local n = 0
  for _, k in ipairs(keys(t)) do n = n + t[k] end
  return n
end

local function any(t, ...)
  local n = 0
  for _, k in ipairs { ... } do n = n + (t and t[k] or 0) end
  return n
end

local function names(t)
  return table.concat(keys(t), ", ")
end

local function plural(n, one, ending)
  return n .. " " .. one .. (n == 1 and "" or ending or "s")
end

-- Only those services of a table that are in the list, or nil.
local function of_these(t, list)
  local found, some = {}, false
  for _, k in ipairs(list) do
    if t and (t[k] or 0) > 0 then found[k], some = t[k], true end
  end
  return some and found or nil
end

local function answers(...)
  local list = { ... }
  return function(b)
    local found = of_these(b.serves, list)
    return found and "answers " .. names(found) .. " to " .. plural(count(found), "client")
  end
end

local function says(...)
  local words = { ... }
  return function(b)
    for _, claim in ipairs(b.claims or {}) do
      for _, w in ipairs(words) do
        if tostring(claim):lower():find(w, 1, true) then return "says that it is a " .. tostring(claim) end
      end
    end
  end
end

local function is_told(word)
  return function(b)
    for _, claim in ipairs(b.told or {}) do
      if tostring(claim):lower():find(word, 1, true) then return "others are told that it is a " .. tostring(claim) end
    end
  end
end

local function is_called(...)
  local words = { ... }
  return function(b)
    for _, text in ipairs(b.text or {}) do
      for _, w in ipairs(words) do
        if tostring(text):lower():find(w, 1, true) then return 'calls itself "' .. tostring(text):sub(1, TEXT_MAX) .. '"' end
      end
    end
  end
end

local function either(...)
  local tests = { ... }
  return function(b)
    for _, test in ipairs(tests) do
      local reason = test(b)
      if reason then return reason end
    end
  end
end

local RTU = { "dnp3", "iec104", "iec60870_5_104", "synchrophasor", "bsap", "roc_plus" }
local BUILDING = { "bacnet", "knxnet_ip", "knx", "lontalk", "lontalk_ip", "fox", "niagara_fox" }
local METER = { "dlms", "c1222" }
local CNC = { "focas" }
local SERVER = { "opcua", "egd", "trdp", "crimson", "atg", "hart_ip" } -- what other machines speak as well

-- OT protocols that reach it, without those of the lists.
local function controlled_by(b, without)
  local found, some = {}, false
  for _, k in ipairs(keys(b.controlled)) do
    if not of_these({ [k] = 1 }, without) then found[k], some = b.controlled[k], true end
  end
  return some and found or nil
end

local function controlled(list)
  return function(b)
    local found = of_these(b.controlled, list)
    return found and "is asked in " .. names(found) .. " by " .. plural(count(found), "client")
  end
end

local function is_plc(b)
  local field = {}
  for _, list in ipairs { RTU, BUILDING, METER, CNC, SERVER } do
    for _, k in ipairs(list) do field[#field + 1] = k end
  end
  local found = controlled_by(b, field)
  if found then return "is asked in " .. names(found) .. " by " .. plural(count(found), "client") end
  return b.controller and "tells in " .. b.controller .. " which controller it is"
end

local function is_engineering(b)
  local moved = any(b.done, "program_write", "program_read", "firmware")
  if moved > 0 then return "moved programs or firmware of devices " .. plural(moved, "time") end
  local ruled = any(b.done, "start", "stop", "reset", "mode", "configure")
  if ruled > 0 and count(b.controlled) == 0 then return "started, stopped or configured devices " .. plural(ruled, "time") end
end

local function is_hmi(b)
  local devices = count(b.controls)
  if devices > 0 and any(b.done, "read", "cyclic") > 0 and any(b.done, "write") > 0 and count(b.controlled) == 0 then
    return "reads and writes " .. plural(devices, "device") .. " (" .. names(b.controls) .. ")"
  end
end

local DATABASE = { "tds", "mysql", "postgresql", "oracle", "mongodb", "cassandra", "influxdb" }

local function is_historian(b)
  local devices = count(b.controls)
  if devices < 2 or any(b.done, "read", "cyclic") == 0 or any(b.done, "write") > 0 or count(b.controlled) > 0 then return nil end
  local stores = of_these(b.asks, DATABASE) or of_these(b.serves, DATABASE)
  return stores and "only reads, from " .. plural(devices, "device") .. ", and keeps a database (" .. names(stores) .. ")"
end

local function is_collector(b)
  if count(b.controls) > 0 and any(b.done, "read", "cyclic", "discover", "diagnose") > 0 and any(b.done, "write") == 0
    and count(b.controlled) == 0 then
    return "only reads, from " .. plural(count(b.controls), "device") .. " (" .. names(b.controls) .. ")"
  end
end

local BEHIND_A_ROUTER = 3

local function forwards(b)
  return (b.behind or 0) >= BEHIND_A_ROUTER and plural(b.behind, "other address", "es") .. " behind its MAC"
end

local FUNCTIONS, ADDRESSES, PORTS = 10, 30, 100

-- Who tries what nobody does in earnest.
local function is_scanner(b)
  if (b.refused or 0) >= FUNCTIONS then return "asked for " .. b.refused .. " OT functions that were all refused or not answered" end
  if (b.knocked or 0) >= ADDRESSES and b.knocked > 2 * (b.servers or 0) then
    return "called " .. b.knocked .. " addresses that did not answer"
  end
  if (b.tried or 0) >= PORTS then return "was refused by one other " .. b.tried .. " times" end
end

-- Who calls through an exchange and is none.
local function registers(b)
  local asks = of_these(b.asks, { "sip", "h323" })
  return asks and not of_these(b.serves, { "sip", "h323" }) and "calls by " .. names(asks)
end

-- The most telling first.
local rules = {
  { "scanner", is_scanner },
  { "engineering station", is_engineering },
  { "RTU", controlled(RTU) },
  { "PLC", says("profinet io controller") },
  { "I/O device", says("profinet io device") },
  { "IED", says("iec 61850") },
  { "PLC", is_plc },
  { "building controller", controlled(BUILDING) },
  { "HMI", is_hmi },
  { "historian", is_historian },
  { "data collector", is_collector },
  { "router", either(says("router", "internetgatewaydevice"), forwards) },
  { "switch", either(says("bridge", "switch"), is_called("switch", "scalance x", "catalyst", "hirschmann")) },
  { "access point", either(says("access point", "wlan"), is_called("access point")) },
  { "domain controller", either(says("domain controller"), answers("kerberos", "ldap")) },
  { "resolver", either(answers("dns"), says("dns server")) },
  { "DHCP server", either(answers("dhcp", "dhcpv6"), says("dhcp server", "dhcpv6 server")) },
  { "time server", either(answers("ntp", "ptp"), says("ntp server", "time server")) },
  { "router", is_told "router" },
  { "printer", either(says("printer"), answers("ipp", "jetdirect", "lpd"), is_called("printer", "laserjet", "officejet")) },
  { "camera", either(says("camera", "networkvideotransmitter"), answers("rtsp"), is_called("camera", "ipcam")) },
  { "telephone exchange", answers("sip", "h323") },
  { "phone", either(says("phone"), is_called("ip phone", "voip", "polycom", "snom", "yealink"), registers) },
  { "database server", answers(table.unpack(DATABASE)) },
  { "file server", either(says("file server"), answers("smb", "nfs", "ftp", "afp")) },
  { "message broker", answers("mqtt", "amqp") },
  { "mail server", answers("smtp", "imap", "pop3") },
  { "remote desktop server", answers("rdp", "vnc", "rfb") },
  { "print server", says("print server") },
  { "web server", answers("http", "ssl", "tls", "quic") },
  { "log server", answers("syslog") },
  { "server", function(b)
    return count(b.serves) > 0 and "answers " .. names(b.serves) .. " to " .. plural(b.clients or count(b.serves), "client")
  end },
  { "client", function(b)
    local n = count(b.asks) + count(b.controls)
    return n > 0 and "asks " .. plural(b.servers or n, "server")
  end },
}

function device.role(behaviour)
  local answer, had = { roles = {}, reasons = {} }, {}
  for _, rule in ipairs(rules) do
    local reason = not had[rule[1]] and rule[2](behaviour)
    if reason then
      had[rule[1]] = true
      answer.roles[#answer.roles + 1] = rule[1]
      answer.reasons[#answer.reasons + 1] = rule[1] .. ": " .. reason
    end
  end
  answer.role = answer.roles[1] or "unknown"
  return answer
end

return device
