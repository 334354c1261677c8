-- page_writer.lua - lines of a page as wide as a screen: places that characters take, text that goes on, grids whose columns give way.
--
-- writer(record, width) -> w with lines, head(text), line(text), field(name, text) ...; grid(w, head, rows, gives_way). Knows no asset.

local MOST_LINES = 25 -- of a grid
local LABEL = 13      -- places of a field's name

-- ---------------------------------------------------------------------------- places on the screen

-- Japanese characters take two places (Unicode's East Asian width W and F).
local wide = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
}

local function places_of(code)
	if code < 0x1100 then return 1 end
	for _, range in ipairs(wide) do
		if code >= range[1] and code <= range[2] then return 2 end
	end
	return 1
end

local function width_of(text)
	if not utf8.len(text) then return #text end
	local n = 0
	for _, code in utf8.codes(text) do n = n + places_of(code) end
	return n
end

-- The longest beginning of at most so many places, and what is left.
local function split(text, width)
	if not utf8.len(text) then return text:sub(1, width), text:sub(width + 1) end
	local n = 0
	for at, code in utf8.codes(text) do
		n = n + places_of(code)
		if n > width then return text:sub(1, at - 1), text:sub(at) end
	end
	return text, ""
end

local function cut(text, width)
	if width_of(text) <= width then return text end
	return (split(text, width - 1)) .. "…"
end

-- Lines of at most `width` places; broken at blanks where there are any.
local function wrapped(text, width)
	local lines, line = {}, ""
	for word in text:gmatch("%S+") do
		local longer = line == "" and word or line .. " " .. word
		if width_of(longer) <= width then
			line = longer
		else
			if line ~= "" then lines[#lines + 1] = line end
			while width_of(word) > width do
				lines[#lines + 1], word = split(word, width)
			end
			line = word
		end
	end
	if line ~= "" then lines[#lines + 1] = line end
	return lines
end

-- ---------------------------------------------------------------------------- writing

local function writer(r, width)
	local w = { lines = {}, width = width }
	local day = r.first and r.first:format("%Y-%m-%d", "local")
	local form = r.last and day == r.last:format("%Y-%m-%d", "local") and "%H:%M:%S" or "%m-%d %H:%M:%S"
	-- Inside tables the day is said only where there are several.
	function w.clock(t) return t and t:format(form, "local") or "-" end
	function w.line(text) w.lines[#w.lines + 1] = (printable(text):gsub("%s+$", "")) end
	function w.head(text)
		w.line ""
		w.line(text)
	end
	-- A further line of the same field has no name; what is too long goes on below, indented.
	function w.field(name, text)
		if not text or text == "" then return end
		local begin = #name <= LABEL - 1 and name .. string.rep(" ", LABEL - #name) or name .. " "
		for i, part in ipairs(wrapped(text, w.width - LABEL)) do
			w.line((i == 1 and begin or string.rep(" ", LABEL + (text:sub(1, 2) == "- " and 2 or 0))) .. part)
		end
	end
	return w
end

local ENOUGH, LEAST = 22, 8 -- places of a column of words: what it should have, what it must

-- Half a word is still of use, half a time or number is not.
local is_prose = {}
for _, name in ipairs { "what", "value", "who", "by", "whom", "function", "which", "program", "other", "services", "service" } do
	is_prose[name] = true
end

local function total_of(shown, widths, head, least)
	local total = 0
	for _, i in ipairs(shown) do total = total + 2 + (is_prose[head[i]] and math.min(widths[i], least) or widths[i]) end
	return total
end

-- The columns that are shown: those that hold something, without the ones that give way where there is no room.
local function chosen(head, rows, gives_way, width)
	local widths, shown = {}, {}
	for i, h in ipairs(head) do
		local some = false
		widths[i] = width_of(h)
		for _, row in ipairs(rows) do
			widths[i] = math.max(widths[i], width_of(row[i]))
			some = some or row[i] ~= ""
		end
		if some then shown[#shown + 1] = i end
	end
	for _, name in ipairs(gives_way or {}) do
		if total_of(shown, widths, head, ENOUGH) <= width then break end
		for k, i in ipairs(shown) do
			if head[i] == name then
				table.remove(shown, k)
				break
			end
		end
	end
	return shown, widths
end

-- Rows with a head; columns named in `gives_way` go where there is no room, then the widest of words is narrowed. What is left out is said.
local function grid(w, head, rows, gives_way)
	local shown, widths = chosen(head, rows, gives_way, w.width)
	while total_of(shown, widths, head, math.huge) > w.width do
		local widest
		for _, i in ipairs(shown) do
			if is_prose[head[i]] and (not widest or widths[i] > widths[widest]) then widest = i end
		end
		if not widest or widths[widest] <= LEAST then break end
		widths[widest] = widths[widest] - 1
	end
	local function put(row)
		local cells = {}
		for k, i in ipairs(shown) do
			local text = cut(row[i], widths[i])
			cells[k] = text .. string.rep(" ", widths[i] - width_of(text))
		end
		w.line("  " .. table.concat(cells, "  "))
	end
	put(head)
	for i, row in ipairs(rows) do
		if i > MOST_LINES then
			w.line("  ... and " .. #rows - MOST_LINES .. " more")
			break
		end
		put(row)
	end
end

return { writer = writer, grid = grid, wrapped = wrapped, cut = cut, width_of = width_of, MOST_LINES = MOST_LINES }
