-- What a MELSEC controller remembers: devices, buffer memory, labels, files, what it was asked to monitor.
-- A device that nobody wrote has a value of its own number, so that a wrong address shows.

local controller = {}
controller.__index = controller

-- options: model, model_code.
function controller.new(options)
  options = options or {}
  return setmetatable({ model = options.model or "R04CPU", model_code = options.model_code or 0x4804, values = {},
    monitored = {} }, controller)
end

local function space(device)
  return (device.link and "J" .. device.link or device.module and "U" .. device.module or device.cpu and "C" .. device.cpu or "")
    .. device.name
end

local function get(self, device, offset)
  local number = device.head + offset
  local written = (self.values[space(device)] or {})[number]
  if written then return written end
  if device.kind.bit then return number * 5 >> 1 & 1 end
  return number * 257 + device.kind.code & 0xffff
end

local function put(self, device, offset, value)
  local name = space(device)
  self.values[name] = self.values[name] or {}
  self.values[name][device.head + offset] = value
end

function controller:bits(device, points)
  local out = {}
  for i = 1, points do out[i] = get(self, device, i - 1) end
  return out
end

-- Words of a bit device have sixteen points each, the first one lowest.
function controller:words(device, points)
  local out = {}
  for i = 1, points do
    local word = 0
    if device.kind.bit then
      for bit = 0, 15 do word = word | get(self, device, 16 * (i - 1) + bit) << bit end
    else
      word = get(self, device, i - 1)
    end
    out[i] = word
  end
  return out
end

function controller:double_word(device)
  local words = self:words(device, 2)
  return words[1] | words[2] << 16
end

function controller:set_bits(device, values)
  for i, value in ipairs(values) do put(self, device, i - 1, value) end
end

function controller:set_words(device, values)
  for i, value in ipairs(values) do
    if device.kind.bit then
      for bit = 0, 15 do put(self, device, 16 * (i - 1) + bit, value >> bit & 1) end
    else
      put(self, device, i - 1, value)
    end
  end
end

return controller
