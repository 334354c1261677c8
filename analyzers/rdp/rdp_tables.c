/* rdp_tables.c - see rdp_tables.h. Values from Microsoft's MS-RDPBCGR, layouts from Windows' list of input locales; the words are those of
 * Zeek's rdp.log.
 */
#include "rdp_tables.h"

/* MS-RDPBCGR 2.2.1.2.1. */
static const struct oto_name protocol_rows[] = {
	{ 0, "RDP", 0, "RDP's own encryption" },
	{ 1, "SSL", 0, "TLS" },
	{ 2, "HYBRID", 0, "TLS with CredSSP: network level authentication" },
	{ 4, "RDSTLS", 0, "TLS with RDSTLS" },
	{ 8, "HYBRID_EX", 0, "TLS with CredSSP and an early answer" },
	{ 16, "RDSAAD", 0, "TLS with Azure AD" },
};
const struct oto_names rdp_protocols = OTO_NAMES(protocol_rows);

/* 2.2.1.2.2. */
static const struct oto_name failure_rows[] = {
	{ 1, "SSL_REQUIRED_BY_SERVER", 0, NULL },    { 2, "SSL_NOT_ALLOWED_BY_SERVER", 0, NULL },
	{ 3, "SSL_CERT_NOT_ON_SERVER", 0, NULL },    { 4, "INCONSISTENT_FLAGS", 0, NULL },
	{ 5, "HYBRID_REQUIRED_BY_SERVER", 0, NULL }, { 6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER", 0, NULL },
};
const struct oto_names rdp_failures = OTO_NAMES(failure_rows);

/* T.124 8.7, ConferenceCreateResponse. */
static const struct oto_name result_rows[] = {
	{ 0, "Success", 0, NULL },
	{ 1, "User rejected", 0, NULL },
	{ 2, "Resources not available", 0, NULL },
	{ 3, "Rejected for symmetry breaking", 0, NULL },
	{ 4, "Locked conference", 0, NULL },
};
const struct oto_names rdp_results = OTO_NAMES(result_rows);

/* 2.2.1.4.3.1. */
static const struct oto_name certificate_rows[] = {
	{ 1, "RSA", 0, "a key signed by Microsoft's known one" },
	{ 2, "X.509", 0, "a chain from a licence server" },
};
const struct oto_names rdp_certificates = OTO_NAMES(certificate_rows);

/* 2.2.1.4.3. */
static const struct oto_name method_rows[] = {
	{ 0, "None", 0, NULL }, { 1, "40bit", 0, NULL }, { 2, "128bit", 0, NULL }, { 8, "56bit", 0, NULL }, { 16, "FIPS", 0, NULL },
};
const struct oto_names rdp_methods = OTO_NAMES(method_rows);

static const struct oto_name level_rows[] = {
	{ 0, "None", 0, NULL }, { 1, "Low", 0, NULL }, { 2, "Client compatible", 0, NULL }, { 3, "High", 0, NULL }, { 4, "FIPS", 0, NULL },
};
const struct oto_names rdp_levels = OTO_NAMES(level_rows);

/* 2.2.1.3.2, highColorDepth. */
static const struct oto_name depth_rows[] = {
	{ 4, "4bit", 0, NULL }, { 8, "8bit", 0, NULL }, { 15, "15bit", 0, NULL }, { 16, "16bit", 0, NULL }, { 24, "24bit", 0, NULL },
};
const struct oto_names rdp_depths = OTO_NAMES(depth_rows);

static const struct oto_name build_rows[] = {
	{ 419, "RDP 4.0", 0, NULL },         { 2195, "RDP 5.0", 0, NULL },        { 2221, "RDP 5.0", 0, NULL },
	{ 2600, "RDP 5.1", 0, NULL },        { 3790, "RDP 5.2", 0, NULL },        { 6000, "RDP 6.0", 0, NULL },
	{ 6001, "RDP 6.1", 0, NULL },        { 6002, "RDP 6.2", 0, NULL },        { 7600, "RDP 7.0", 0, NULL },
	{ 7601, "RDP 7.1", 0, NULL },        { 9200, "RDP 8.0", 0, NULL },        { 9600, "RDP 8.1", 0, NULL },
	{ 25189, "RDP 8.0 (Mac)", 0, NULL }, { 25282, "RDP 8.0 (Mac)", 0, NULL },
};
const struct oto_names rdp_builds = OTO_NAMES(build_rows);

static const struct {
	uint32_t from, to;
	const char *name;
} windows[] = {
	{ 2195, 2195, "Windows 2000" },
	{ 2600, 2600, "Windows XP" },
	{ 3790, 3790, "Windows Server 2003" },
	{ 6000, 6003, "Windows Vista or Server 2008" },
	{ 7600, 7601, "Windows 7 or Server 2008 R2" },
	{ 9200, 9200, "Windows 8 or Server 2012" },
	{ 9600, 9600, "Windows 8.1 or Server 2012 R2" },
	{ 10240, 19045, "Windows 10 or Server 2016 to 2019" },
	{ 20348, 20348, "Windows Server 2022" },
	{ 22000, 25000, "Windows 11" },
	{ 26100, 26200, "Windows 11 or Server 2025" },
};

const char *rdp_windows(uint32_t build)
{
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
		if (build >= windows[i].from && build <= windows[i].to)
			return windows[i].name;
	}
	return NULL;
}

static const struct oto_name keyboard_rows[] = {
	{ 1025, "Arabic - Saudi Arabia", 0, NULL },
	{ 1026, "Bulgarian", 0, NULL },
	{ 1028, "Chinese - Taiwan", 0, NULL },
	{ 1029, "Czech", 0, NULL },
	{ 1030, "Danish", 0, NULL },
	{ 1031, "German - Germany", 0, NULL },
	{ 1032, "Greek", 0, NULL },
	{ 1033, "English - United States", 0, NULL },
	{ 1034, "Spanish - Spain (Traditional Sort)", 0, NULL },
	{ 1035, "Finnish", 0, NULL },
	{ 1036, "French - France", 0, NULL },
	{ 1037, "Hebrew", 0, NULL },
	{ 1038, "Hungarian", 0, NULL },
	{ 1039, "Icelandic", 0, NULL },
	{ 1040, "Italian - Italy", 0, NULL },
	{ 1041, "Japanese", 0, NULL },
	{ 1042, "Korean", 0, NULL },
	{ 1043, "Dutch - Netherlands", 0, NULL },
	{ 1044, "Norwegian (Bokmal)", 0, NULL },
	{ 1045, "Polish", 0, NULL },
	{ 1046, "Portuguese - Brazil", 0, NULL },
	{ 1048, "Romanian", 0, NULL },
	{ 1049, "Russian", 0, NULL },
	{ 1050, "Croatian", 0, NULL },
	{ 1051, "Slovak", 0, NULL },
	{ 1053, "Swedish", 0, NULL },
	{ 1054, "Thai", 0, NULL },
	{ 1055, "Turkish", 0, NULL },
	{ 1057, "Indonesian", 0, NULL },
	{ 1058, "Ukrainian", 0, NULL },
	{ 1060, "Slovenian", 0, NULL },
	{ 1061, "Estonian", 0, NULL },
	{ 1062, "Latvian", 0, NULL },
	{ 1063, "Lithuanian", 0, NULL },
	{ 1065, "Farsi", 0, NULL },
	{ 1066, "Vietnamese", 0, NULL },
	{ 1081, "Hindi", 0, NULL },
	{ 1086, "Malay - Malaysia", 0, NULL },
	{ 2052, "Chinese - People's Republic of China", 0, NULL },
	{ 2055, "German - Switzerland", 0, NULL },
	{ 2057, "English - United Kingdom", 0, NULL },
	{ 2058, "Spanish - Mexico", 0, NULL },
	{ 2060, "French - Belgium", 0, NULL },
	{ 2064, "Italian - Switzerland", 0, NULL },
	{ 2067, "Dutch - Belgium", 0, NULL },
	{ 2070, "Portuguese - Portugal", 0, NULL },
	{ 2077, "Swedish - Finland", 0, NULL },
	{ 3076, "Chinese - Hong Kong SAR", 0, NULL },
	{ 3079, "German - Austria", 0, NULL },
	{ 3081, "English - Australia", 0, NULL },
	{ 3082, "Spanish - Spain (Modern Sort)", 0, NULL },
	{ 3084, "French - Canada", 0, NULL },
	{ 4100, "Chinese - Singapore", 0, NULL },
	{ 4105, "English - Canada", 0, NULL },
	{ 4108, "French - Switzerland", 0, NULL },
	{ 5129, "English - New Zealand", 0, NULL },
	{ 6153, "English - Ireland", 0, NULL },
	{ 16393, "English - India", 0, NULL },
	{ 66569, "English - United States (Dvorak)", 0, NULL },
	{ 132105, "English - United States (International)", 0, NULL },
};
const struct oto_names rdp_keyboards = OTO_NAMES(keyboard_rows);
