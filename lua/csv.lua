-- csv.lua - tables as spreadsheets write them: comma, semicolon or tab, quoted cells, with or without byte order mark (RFC 4180).
--
--   csv.rows(text) -> list of rows, each a list of cells
local csv = {}

-- The separator that stands most often in the first line, outside of quotes.
local function separator_of(line)
	local bare, best, most = line:gsub('"[^"]*"', ""), ",", 0
	for _, s in ipairs { ",", ";", "\t" } do
		local _, n = bare:gsub(s, "")
		if n > most then best, most = s, n end
	end
	return best
end

-- The cell that begins at `at`, and where the next one or the line's end is.
local function cell_at(text, at, separator)
	if text:sub(at, at) ~= '"' then
		local stop = text:find("[" .. separator .. "\r\n]", at) or #text + 1
		return text:sub(at, stop - 1), stop
	end
	local parts, from = {}, at + 1
	while true do
		local quote = text:find('"', from, true)
		if not quote then return table.concat(parts) .. text:sub(from), #text + 1 end
		parts[#parts + 1] = text:sub(from, quote - 1)
		if text:sub(quote + 1, quote + 1) ~= '"' then
			local stop = text:find("[" .. separator .. "\r\n]", quote + 1) or #text + 1
			return table.concat(parts), stop
		end
		parts[#parts + 1] = '"'
		from = quote + 2
	end
end

-- A spreadsheet's guard against formulas is no part of the value; nor are blanks around it.
local function plain(cell)
	return (cell:gsub("^%s+", ""):gsub("%s+$", ""):gsub("^'([=+@-])", "%1"))
end

local LOOK = 60000 -- bytes that are looked through at once, which is limited: no cell is as long as half of it

function csv.rows(text)
	if text:sub(1, 3) == "\xef\xbb\xbf" then text = text:sub(4) end
	local rows, row, at, part, before = {}, {}, 1, text:sub(1, LOOK), 0
	local separator = separator_of(part:match("^[^\r\n]*"))
	while at <= #text do
		if at - before > LOOK // 2 then part, before = text:sub(at, at + LOOK - 1), at - 1 end
		local cell, stop = cell_at(part, at - before, separator)
		stop = stop + before
		row[#row + 1] = plain(cell)
		local c = text:sub(stop, stop)
		at = stop + 1
		if c ~= separator then
			if c == "\r" and text:sub(at, at) == "\n" then at = at + 1 end
			rows[#rows + 1], row = row, {}
		elseif at > #text then
			row[#row + 1] = ""
		end
	end
	if #row > 0 then rows[#rows + 1] = row end
	return rows
end

return csv
