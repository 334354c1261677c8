-- inventory_services.lua - what services are called, by port, protocol and the owner's word, and which are of plants.

local inventory = require "inventory_stores"

local well_known = {
	tcp = {
		[20] = "ftp-data", [21] = "ftp", [22] = "ssh", [23] = "telnet", [25] = "smtp", [53] = "dns", [80] = "http",
		[88] = "kerberos",
		[102] = "iso-on-tcp", [110] = "pop3", [135] = "dce_rpc", [139] = "netbios-ssn", [143] = "imap", [389] = "ldap",
		[443] = "https",
		[445] = "smb", [502] = "modbus", [1433] = "tds", [1883] = "mqtt", [2404] = "iec104", [3306] = "mysql", [3389] = "rdp",
		[4840] = "opcua", [5432] = "postgresql", [5900] = "vnc", [9600] = "fins", [20000] = "dnp3", [44818] = "enip",
		[48898] = "ads",
	},
	udp = {
		[53] = "dns", [67] = "dhcp", [68] = "dhcp", [69] = "tftp", [123] = "ntp", [137] = "nbns", [138] = "nbdgm", [161] = "snmp",
		[162] = "snmp-trap", [319] = "ptp", [320] = "ptp", [514] = "syslog", [546] = "dhcpv6", [547] = "dhcpv6", [1900] = "ssdp",
		[2222] = "enip-io", [3702] = "wsd", [5353] = "mdns", [5355] = "llmnr", [9600] = "fins", [34964] = "profinet-cm",
		[44818] = "enip", [47808] = "bacnet", [48899] = "ads", [61450] = "cclink-ief-basic",
	},
}
local transports = { [1] = "icmp", [6] = "tcp", [17] = "udp", [58] = "icmp6" }
local ethertypes = {
	[0x0806] = "arp", [0x8892] = "profinet", [0x88b8] = "goose", [0x88b9] = "gse", [0x88ba] = "sv", [0x890f] = "cclink_ie",
	[0x88a4] = "ethercat", [0x88ab] = "powerlink", [0x88cc] = "lldp", [0x88cd] = "sercos3", [0x88e3] = "mrp", [0x88f7] = "ptp",
	[0x88fb] = "prp", [0x8100] = "vlan", [0x888e] = "eapol", [0x9000] = "loopback test",
}

-- Relatives of DNS that one analyzer reads, by their ports.
local resolvers = { [137] = "nbns", [5353] = "mdns", [5355] = "llmnr" }

-- What the owner calls a port; nil: most owners name none, so that a key is made only where there may be one.
local function own_name(port, transport)
	return #inventory.service_names > 0 and inventory.service_names:get { port, transport } or nil
end

-- What a link's service is called: by the owner, by who understood it, by its number.
function inventory.service_name(proto, port, service)
	if proto == inventory.NO_IP then
		if service:find("^llc/") then return service end
		return service ~= "" and service or ethertypes[port] or string.format("0x%04x", port)
	end
	local transport = transports[proto] or "ip/" .. proto
	local own = own_name(port, transport)
	if own then return own end
	if service == "dns" then return resolvers[port] or service end
	if service ~= "" then return service end
	if transport:find("^icmp") or transport:find("^ip/") then return transport end
	return (well_known[transport] or {})[port] or port == 0 and transport or port .. "/" .. transport
end

-- The port that a service has by its name, for those that have one.
function inventory.usual_port(service)
	for _, transport in ipairs { "tcp", "udp" } do
		for port, name in sorted(well_known[transport]) do
			if name == service then return port end
		end
	end
end

local industrial = {
	profinet = true, goose = true, gse = true, sv = true, cclink_ie = true, ethercat = true, powerlink = true, sercos3 = true,
	mrp = true,
	cclink_tsn_ptp = true, ptp = true, prp = true,
}

-- Is it a protocol of plants that goes without IP?
function inventory.is_industrial(service)
	return industrial[service] or service:find("^profinet") ~= nil
end

local industrial_over_ip = {}
for name in ([[opcua bacnet dnp3 iec104 ads fins codesys niagara_fox knxnet_ip hart_ip synchrophasor ge_srtp egd proconos crimson
	pcworx atg lontalk_ip c1222 dlms bsap sbus tristation focas trdp modbus s7comm s7comm_plus enip cip pccc slmp melsoft mms
	cclink_ief_basic cclink_tsn_slmp roc_plus genisys]]):gmatch("%S+") do industrial_over_ip[name] = true end

-- Is it a protocol of plants that goes over IP?
function inventory.is_industrial_over_ip(service)
	return industrial_over_ip[service] or false
end

-- Is it a port that programs get by chance? Those of known services are not.
function inventory.is_ephemeral(port, transport)
	if port < 1024 or port > 5000 and port < 32768 then return false end
	return not (well_known[transport] or {})[port] and not own_name(port, transport)
end

function inventory.transport(proto)
	return proto == inventory.NO_IP and "ethernet" or transports[proto] or "ip/" .. proto
end

return inventory
