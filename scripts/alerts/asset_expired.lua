-- A device whose time is up in the owner's list still talks.
local inventory = require "inventory"
require "rule" {
  name = "asset_expired", severity = "low", category = "operational issues", attack = "T0866",
  on = "conn_delta", where = "orig_h and orig_pkts > 0", per = { "orig_h" }, once = "1d",
  target = false, settings = { quiet = "30d" },
  when = function(e)
    local number = inventory.in_ledger({ e.orig_l2_addr }, { e.orig_h })
    local said = number and inventory.ledger:get(number).expires or ""
    local y, m, d = said:match "^(%d%d%d%d)%D+(%d%d?)%D+(%d%d?)"
    local date = y and ("%d-%02d-%02d"):format(y, m, d)
    return date and date < e.ts:format("%Y-%m-%d", "local") and { expired = date }
  end,
  en = { "Device past its time", "{source} still talks; its use ended at {expired}.",
    "Nobody keeps it up any more: it gets no updates and stands in nobody's plan.",
    "Replace it, take it off the network, or write a new date into the list." },
  ja = { "使用期限切れの機器",
    "{source} が通信しています。台帳の使用期限は {expired} です。",
    "保守の対象外となり、更新が行われません。",
    "交換、切離し、または台帳の期限を更新してください。" },
}
