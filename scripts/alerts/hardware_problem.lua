-- A PROFINET device tells its controller of a fault.
require "rule" {
  name = "hardware_problem", severity = "medium", category = "operational issues", attack = "T0814",
  on = "profinet.alarm", per = { "src_mac", "slot", "subslot", "type" },
  where = "pdu == data and type in {diagnosis, pull, pull_module, plug_wrong, network_problem, "
    .. "mrpd_problem, isochronous_problem, multiple_interface_mismatch}",
  source = false, target = "src_mac", settings = { quiet = "1h" },
  en = { "Fault of a device", "{target} tells of {type} at slot {slot}, subslot {subslot}.",
    "A wire is broken, a module was pulled or is another one, or the device itself is ill.",
    "Read the diagnosis in the controller and look at the device." },
  ja = { "機器の障害", "{target} がスロット {slot}、サブスロット {subslot} の {type} を通知しました。",
    "断線、モジュールの抜去または相違、あるいは機器の故障です。",
    "コントローラの診断情報と機器を確認してください。" },
}
