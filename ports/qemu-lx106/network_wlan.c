// SPDX-License-Identifier: MIT
// network.WLAN: the station's interface is the Ethernet card, and so is that of the access
// point, whose clients are another network on it. They take the calls that a program for the
// chip makes. What the radio hears is in radio.c; any other name is that of a network which
// hides it, and any key is right, but for those of `fate_of`.

#include <string.h>

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/modnetwork.h"

#include "lwip/netif.h"

#include "netif.h"
#include "network_wlan.h"
#include "radio.h"

#define SSID_MAX RADIO_SSID_MAX

typedef struct _wlan_obj_t {
    mp_obj_base_t base;
    uint8_t interface;
} wlan_obj_t;

static const wlan_obj_t station = { { &network_wlan_type }, MOD_NETWORK_STA_IF };
static const wlan_obj_t access_point = { { &network_wlan_type }, MOD_NETWORK_AP_IF };

static struct {
    char name[SSID_MAX + 1];
    uint8_t fate;
} ssid;

// The access point's name.
static char ap_ssid[SSID_MAX + 1] = "MicroPython";

// What becomes of connect(), so that a program can be tried with a network that
// cannot be joined: a status, or WLAN_STAT_GOT_IP.
static int fate_of(const char *name, const char *key) {
    static const struct {
        const char *name;
        uint8_t status;
    } fates[] = {
        { "absent", WLAN_STAT_NO_AP_FOUND },
        { "full", WLAN_STAT_CONNECT_FAIL },
        { "silent", WLAN_STAT_CONNECTING },     // it gives no address
    };
    for (size_t i = 0; i < MP_ARRAY_SIZE(fates); ++i) {
        if (strcmp(name, fates[i].name) == 0) {
            return fates[i].status;
        }
    }
    if (!radio_reaches(name)) {
        return WLAN_STAT_NO_AP_FOUND;
    }
    return strncmp(key, "wrong", 5) == 0 ? WLAN_STAT_WRONG_PASSWORD : WLAN_STAT_GOT_IP;
}

// As the chip, a station that has joined a network joins it again when that is back.
void radio_changed(const char *name, bool is_there) {
    if (strcmp(name, ssid.name) != 0) {
        return;
    }
    if (!is_there && ssid.fate == WLAN_STAT_GOT_IP) {
        netif_disconnect();
        netif_set_up(&netif_ethernet);
        ssid.fate = WLAN_STAT_NO_AP_FOUND;
    } else if (is_there && ssid.fate == WLAN_STAT_NO_AP_FOUND) {
        ssid.fate = WLAN_STAT_GOT_IP;
        netif_connect();
    }
}

static bool is_station(mp_obj_t self_in) {
    const wlan_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return self->interface == MOD_NETWORK_STA_IF;
}

static void require_station(mp_obj_t self_in) {
    if (!is_station(self_in)) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("STA required"));
    }
}

static struct netif *netif_of(mp_obj_t self_in) {
    return is_station(self_in) ? &netif_ethernet : &netif_access_point;
}

// network.WLAN(interface_id=STA_IF)
static mp_obj_t wlan_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    mp_int_t interface = n_args == 0 ? MOD_NETWORK_STA_IF : mp_obj_get_int(args[0]);
    if (interface != MOD_NETWORK_STA_IF && interface != MOD_NETWORK_AP_IF) {
        mp_raise_ValueError(NULL);
    }
    return MP_OBJ_FROM_PTR(interface == MOD_NETWORK_STA_IF ? &station : &access_point);
}

// wlan.active([is_active])
static mp_obj_t wlan_active(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        return mp_obj_new_bool(netif_is_up(netif_of(args[0])));
    }
    bool active = mp_obj_is_true(args[1]);
    if (!is_station(args[0])) {
        if (active) {
            netif_open_access_point();
        } else {
            netif_close_access_point();
        }
    } else if (!active) {
        netif_disconnect();
    } else if (!netif_is_up(&netif_ethernet)) {
        netif_set_up(&netif_ethernet);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_active_obj, 1, 2, wlan_active);

static void copy_ssid(char *to, mp_obj_t from) {
    size_t length;
    const char *name = mp_obj_str_get_data(from, &length);
    if (length > SSID_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("SSID too long"));
    }
    memcpy(to, name, length);
    to[length] = '\0';
}

// wlan.connect(ssid=None, key=None, *, bssid=None): asks for an address.
static mp_obj_t wlan_connect(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_ssid, ARG_key, ARG_bssid };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_ssid, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_key, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_bssid, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    require_station(pos_args[0]);
    if (args[ARG_ssid].u_obj != mp_const_none) {
        copy_ssid(ssid.name, args[ARG_ssid].u_obj);
    }
    const char *key = "";
    if (args[ARG_key].u_obj != mp_const_none) {
        key = mp_obj_str_get_str(args[ARG_key].u_obj);
    }
    ssid.fate = fate_of(ssid.name, key);
    if (ssid.fate == WLAN_STAT_GOT_IP) {
        netif_connect();
    } else {
        netif_disconnect();
        netif_set_up(&netif_ethernet);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_connect_obj, 1, wlan_connect);

static mp_obj_t wlan_disconnect(mp_obj_t self_in) {
    require_station(self_in);
    ssid.fate = WLAN_STAT_IDLE;
    netif_disconnect();
    netif_set_up(&netif_ethernet);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_disconnect_obj, wlan_disconnect);

static mp_obj_t wlan_isconnected(mp_obj_t self_in) {
    return mp_obj_new_bool(is_station(self_in) && netif_has_address());
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_isconnected_obj, wlan_isconnected);

// wlan.scan(): a list of (ssid, bssid, channel, rssi, security, hidden), in no order.
static mp_obj_t wlan_scan(mp_obj_t self_in) {
    require_station(self_in);
    if (!netif_is_up(&netif_ethernet)) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("STA must be active"));
    }
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < RADIO_NETWORKS; ++i) {
        const radio_network_t *network = &radio_networks[i];
        if (network->rssi == 0) {
            continue;
        }
        uint8_t bssid[] = { 0x52, 0x54, 0, 0, 0, (uint8_t)i };
        mp_obj_t items[] = {
            mp_obj_new_bytes((const byte *)network->ssid, strlen(network->ssid)),
            mp_obj_new_bytes(bssid, sizeof(bssid)),
            MP_OBJ_NEW_SMALL_INT(network->channel),
            MP_OBJ_NEW_SMALL_INT(network->rssi),
            MP_OBJ_NEW_SMALL_INT(network->security),
            MP_OBJ_NEW_SMALL_INT(0),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(MP_ARRAY_SIZE(items), items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wlan_scan_obj, wlan_scan);

// wlan.status(['rssi'])
static mp_obj_t wlan_status(size_t n_args, const mp_obj_t *args) {
    require_station(args[0]);
    if (n_args == 2) {
        if (mp_obj_str_get_qstr(args[1]) != MP_QSTR_rssi) {
            mp_raise_ValueError(MP_ERROR_TEXT("unknown status param"));
        }
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    int status = WLAN_STAT_IDLE;
    if (netif_has_address()) {
        status = WLAN_STAT_GOT_IP;
    } else if (netif_is_connecting()) {
        status = WLAN_STAT_CONNECTING;
    } else if (ssid.fate != WLAN_STAT_GOT_IP) {
        status = ssid.fate;
    }
    return MP_OBJ_NEW_SMALL_INT(status);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_status_obj, 1, 2, wlan_status);

// wlan.ifconfig(): (address, netmask, gateway, DNS server), wlan.ifconfig('dhcp')
// or wlan.ifconfig((address, netmask, gateway, DNS server)).
static mp_obj_t wlan_ifconfig(size_t n_args, const mp_obj_t *args) {
    return mod_network_nic_ifconfig(netif_of(args[0]), n_args - 1, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(wlan_ifconfig_obj, 1, 2, wlan_ifconfig);

// wlan.ipconfig('addr4') and so on.
static mp_obj_t wlan_ipconfig(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    return mod_network_nic_ipconfig(netif_of(args[0]), n_args - 1, args + 1, kwargs);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_ipconfig_obj, 1, wlan_ipconfig);

// wlan.config('mac' | 'ssid' | 'essid' | 'channel' | 'hostname'), or
// wlan.config(hostname=...). What only a radio could do is taken and ignored.
static mp_obj_t wlan_config(size_t n_args, const mp_obj_t *args, mp_map_t *kwargs) {
    if (n_args != 1 && kwargs->used != 0) {
        mp_raise_TypeError(MP_ERROR_TEXT("either pos or kw args are allowed"));
    }
    if (kwargs->used != 0) {
        for (size_t i = 0; i < kwargs->alloc; ++i) {
            if (!mp_map_slot_is_filled(kwargs, i)) {
                continue;
            }
            switch (mp_obj_str_get_qstr(kwargs->table[i].key)) {
                case MP_QSTR_hostname:
                case MP_QSTR_dhcp_hostname:
                    mod_network_hostname(1, &kwargs->table[i].value);
                    break;
                case MP_QSTR_essid:
                case MP_QSTR_ssid:
                    if (!is_station(args[0])) {
                        copy_ssid(ap_ssid, kwargs->table[i].value);
                    }
                    break;
                case MP_QSTR_channel:
                case MP_QSTR_key:
                case MP_QSTR_password:
                case MP_QSTR_security:
                case MP_QSTR_authmode:
                case MP_QSTR_hidden:
                case MP_QSTR_txpower:
                case MP_QSTR_pm:
                    break;
                default:
                    mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
            }
        }
        return mp_const_none;
    }
    if (n_args != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("can query only one param"));
    }
    switch (mp_obj_str_get_qstr(args[1])) {
        case MP_QSTR_mac:
            return mp_obj_new_bytes(netif_mac, sizeof(netif_mac));
        case MP_QSTR_ssid:
        case MP_QSTR_essid:
            return mp_obj_new_str_from_cstr(is_station(args[0]) ? ssid.name : ap_ssid);
        case MP_QSTR_channel:
            return MP_OBJ_NEW_SMALL_INT(1);
        case MP_QSTR_hostname:
        case MP_QSTR_dhcp_hostname:
            return mod_network_hostname(0, NULL);
        default:
            mp_raise_ValueError(MP_ERROR_TEXT("unknown config param"));
    }
}
static MP_DEFINE_CONST_FUN_OBJ_KW(wlan_config_obj, 1, wlan_config);

static const mp_rom_map_elem_t wlan_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_active), MP_ROM_PTR(&wlan_active_obj) },
    { MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&wlan_connect_obj) },
    { MP_ROM_QSTR(MP_QSTR_disconnect), MP_ROM_PTR(&wlan_disconnect_obj) },
    { MP_ROM_QSTR(MP_QSTR_status), MP_ROM_PTR(&wlan_status_obj) },
    { MP_ROM_QSTR(MP_QSTR_scan), MP_ROM_PTR(&wlan_scan_obj) },
    { MP_ROM_QSTR(MP_QSTR_isconnected), MP_ROM_PTR(&wlan_isconnected_obj) },
    { MP_ROM_QSTR(MP_QSTR_config), MP_ROM_PTR(&wlan_config_obj) },
    { MP_ROM_QSTR(MP_QSTR_ifconfig), MP_ROM_PTR(&wlan_ifconfig_obj) },
    { MP_ROM_QSTR(MP_QSTR_ipconfig), MP_ROM_PTR(&wlan_ipconfig_obj) },

    { MP_ROM_QSTR(MP_QSTR_IF_STA), MP_ROM_INT(MOD_NETWORK_STA_IF) },
    { MP_ROM_QSTR(MP_QSTR_IF_AP), MP_ROM_INT(MOD_NETWORK_AP_IF) },
    { MP_ROM_QSTR(MP_QSTR_SEC_OPEN), MP_ROM_INT(WLAN_AUTH_OPEN) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WEP), MP_ROM_INT(WLAN_AUTH_WEP) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA), MP_ROM_INT(WLAN_AUTH_WPA_PSK) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA2), MP_ROM_INT(WLAN_AUTH_WPA2_PSK) },
    { MP_ROM_QSTR(MP_QSTR_SEC_WPA_WPA2), MP_ROM_INT(WLAN_AUTH_WPA_WPA2_PSK) },
};
static MP_DEFINE_CONST_DICT(wlan_locals, wlan_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    network_wlan_type,
    MP_QSTR_WLAN,
    MP_TYPE_FLAG_NONE,
    make_new, wlan_make_new,
    locals_dict, &wlan_locals
    );
