-- One run of a recipe: makes its world, lets it happen, and returns the truth. The way in for the command and the
-- tests alike.

local world = require "world"
local pcap = require "pcap"

-- options: recipe (path), seed, start (ns), duration, format. WRITE is called with each piece of the capture.
-- Returns the truth as JSON, and the world.
return function(options, write)
  local w = world.new {
    seed = options.seed, start = options.start, duration = options.duration and world.seconds(options.duration),
  }
  local recipe, why = loadfile(options.recipe, "t")
  if not recipe then error(why, 0) end
  recipe(w)
  if #w.interfaces == 0 then w:interface("mirror0", "ethernet") end

  local file = {
    format = options.format or w.format.format, big_endian = w.format.big_endian,
    nanoseconds = w.format.nanoseconds, snaplen = w.format.snaplen, interfaces = w.interfaces,
  }
  local writer = pcap.writer(write, file)
  w.write_packet = function(interface, time, frame) writer:packet(interface, time, frame) end
  w.schedule:run()
  return w.truth:json {
    recipe = options.recipe:match("([^/]*)%.lua$"), title = w.titled, seed = w.seed, start = w.start / 1e9,
    finish = w.schedule.now / 1e9, packets = w.packets, bytes = w.bytes, mirror_copies = w.copies,
  }, w
end
