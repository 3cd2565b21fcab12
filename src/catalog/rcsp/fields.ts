/**
 * Fields and objects of the specification that more than one command uses, or that deserve a name of their
 * own in the OpenAPI document (`id`).
 *
 * Objects are loose at every level: what a newer server adds, and what a newer server takes, passes. What is
 * sent is checked as far as the specification goes; what is answered keeps its enumerations open, because a
 * device type or a security mode that is new to us is no failure. Hence two objects where both directions
 * meet (`NetSettings` and `NetConfiguration`, `PublisherSelection` and `Publisher`).
 *
 * `.describe()` on an object with an `id` is safe: it becomes a `$ref` with a description beside it.
 */
import { z } from 'zod';

/** A number whose meaning the specification does not define. */
const opaqueNumber = (what: string): z.ZodNumber =>
  z.number().describe(`${what}. The specification gives no unit.`);

export const deviceId = z.int().min(0).describe('Number of the device, as ListDevices tells it.');

/** Arguments of a command that takes none; RCSP's `null`. */
export const noArguments = z.looseObject({});

/** `device_id_arg`. */
export const deviceIdArgument = z.looseObject({ DeviceId: deviceId });

/** `rcsp_version_obj`. */
export const version = z
  .looseObject({
    Major: z.number().describe('Major number.'),
    Minor: z.number().describe('Minor number.'),
    Patch: z.number().nullish().describe('Patch number, where there is one.'),
    Build: z.number().nullish().describe('Build number, where there is one.'),
  })
  .meta({ id: 'RcspVersion', description: 'A version of software, hardware or an interface.' });

/** `rcsp_printable_byte_array`. */
export const printableByteArray = z
  .looseObject({
    Raw: z.array(z.int().min(0).max(255)).describe('The bytes, each 0 to 255.'),
    Str: z
      .string()
      .describe(
        'The same for reading: text up to the first byte that cannot be printed, or hex like `0xabcd`.',
      ),
  })
  .meta({ id: 'RcspPrintableByteArray', description: 'Bytes that may be text.' });

/** `rcsp_3df_vec`. */
export const vector3 = z
  .looseObject({
    X: z.number().describe('X, in the unit of the field that holds the vector.'),
    Y: z.number().describe('Y, in the unit of the field that holds the vector.'),
    Z: z.number().describe('Z, in the unit of the field that holds the vector.'),
  })
  .meta({ id: 'RcspVector3', description: 'Three numbers, one for each axis.' });

/** `rcsp_3df_vec` of the magnetometer commands, in mG. */
export const magnetometerOffset = z
  .looseObject({
    X: z.number().describe('Offset along X in mG (milligauss).'),
    Y: z.number().describe('Offset along Y in mG (milligauss).'),
    Z: z.number().describe('Offset along Z in mG (milligauss).'),
  })
  .meta({ id: 'RcspMagnetometerOffset', description: 'Calibration offset of a magnetometer in mG.' });

/** `rcsp_3x3_mat`. */
export const matrix3x3 = z
  .array(z.array(z.number()).length(3))
  .length(3)
  .meta({ id: 'RcspMatrix3x3', description: 'Three rows of three numbers.' });

/** `rcsp_arg_description`. */
export const argumentDescription = z
  .looseObject({
    Name: z.string().describe('The key in `Arguments`.'),
    Info: z.string().describe('What the argument is for, in words.'),
    Type: z.string().describe('`String`, `Number`, `Array`, `Object` or `Boolean`.'),
    Optional: z.boolean().describe('Whether it may be left out.'),
  })
  .meta({ id: 'RcspArgumentDescription', description: 'One argument of a command, as the server tells it.' });

/** `rcsp_cmd_description`. */
export const commandDescription = z
  .looseObject({
    Command: z.string().describe('Name of the command.'),
    Version: z.number().describe('Version of the command that the server speaks.'),
    Info: z.string().describe('What the command does, in words.'),
    Args: z.array(argumentDescription).describe('Its arguments; empty if it takes none.'),
  })
  .meta({ id: 'RcspCommandDescription', description: 'One command, as the server tells it.' });

/** Known values of an answer's `DeviceType`, which stays a string. */
export const deviceType = z
  .string()
  .describe(
    'Kind of device: `SmartSuitPro`, `Smartgloves`, `CoilPro`, `Unknown`; newer servers may know more.',
  );

/** `rcsp_device`. */
export const device = z
  .looseObject({
    DeviceId: deviceId,
    DeviceType: deviceType,
    ConnectionType: z
      .string()
      .describe('How it is connected: `Serial`, `UDP`, `Emulated`, `Unknown`; newer servers may know more.'),
    Updatable: z.boolean().describe('Whether it takes a firmware update now.'),
    IsBootloader: z.boolean().describe('Whether it runs its bootloader instead of its firmware.'),
  })
  .meta({ id: 'RcspDevice', description: 'A device that the studio is connected to.' });

/** `rcsp_publisher` in an answer. */
export const publisher = z
  .looseObject({
    Publisher: z.string().describe('Name of the publisher, such as `DeviceEvents`.'),
    Topics: z.array(z.string()).describe('Its topics, such as `Connected`.'),
  })
  .meta({ id: 'RcspPublisher', description: 'Something that publishes events, and its topics.' });

export const publisherName = z.string().min(1).describe('Name of the publisher, as ListPublishers tells it.');
export const topicName = z.string().min(1).describe('One of its topics, as ListPublishers tells it.');

/** In one request: each is a channel that the gateway opens and a subscription at the studio. */
const MAX_TOPICS = 1000;

/** `rcsp_publisher` in an argument. */
const publisherSelection = z
  .looseObject({
    Publisher: publisherName,
    Topics: z
      .array(z.string().min(1))
      .min(1)
      .max(MAX_TOPICS)
      .describe('Topics of that publisher; at least one.'),
  })
  .meta({ id: 'RcspPublisherSelection', description: 'Topics of one publisher to take or to leave.' });

export const publisherSelections = z
  .array(publisherSelection)
  .min(1)
  .max(MAX_TOPICS)
  .refine((all) => all.reduce((sum, { Topics }) => sum + Topics.length, 0) <= MAX_TOPICS, {
    message: `more than ${MAX_TOPICS} topics in one request`,
  })
  .describe(`Publishers with their topics; at least one, and at most ${MAX_TOPICS} topics together.`);

/** What both directions of `rcsp_net_settings` have in common. */
const netFields = {
  HubAddr: opaqueNumber("Address of the device's hub"),
  DhcpMode: z.number().describe('DHCP mode of the device. The specification does not list its values.'),
  ChannelNo: z.int().describe('Number of the Wi-Fi channel.'),
  ServerIp: z.string().describe('IP address that the device sends its data to.'),
  DeviceIp: z.string().describe('IP address of the device itself.'),
  Gateway: z.string().describe("IP address of the network's gateway."),
  Ssid: printableByteArray.describe('Name of the Wi-Fi network.'),
  Psk: printableByteArray.describe('Pre-shared key of the Wi-Fi network: a secret, in the clear.'),
};

export const band = z.literal([0, 1, 2]).describe('Wi-Fi band: 0 is 2.4 GHz, 1 is 5 GHz, 2 is both.');

/** `rcsp_net_settings` as `SetNetworkConfiguration` takes it. */
export const netSettings = z
  .looseObject({
    ...netFields,
    SecurityType: z.enum(['Open', 'WPA2', 'WPA3_Personal']).describe('How the network is secured.'),
    ServerPort: z.int().min(0).max(65535).describe('Port number there, 0 to 65535.'),
    Band: band,
  })
  .meta({ id: 'RcspNetSettings', description: 'Network settings to give a device.' });

/** `rcsp_net_settings` as `GetNetworkConfiguration` answers it. */
export const netConfiguration = z
  .looseObject({
    ...netFields,
    SecurityType: z
      .string()
      .describe('How the network is secured: `Open`, `WPA2`, `WPA3_Personal`; newer firmware may know more.'),
    ServerPort: z.int().describe('Port number there, 0 to 65535.'),
    Band: z.int().describe('Wi-Fi band: 0 is 2.4 GHz, 1 is 5 GHz, 2 is both.'),
  })
  .meta({ id: 'RcspNetConfiguration', description: 'Network settings that a device has.' });

/** `rcsp_scan_result`. */
export const scanResult = z
  .looseObject({
    ChannelNo: z.number().describe('Number of the Wi-Fi channel.'),
    SecurityMode: z
      .string()
      .describe('How the network is secured, in words of the firmware, such as `WPA2`.'),
    Rssi: z.number().describe('Signal strength in dBm; nearer to 0 is stronger.'),
    Ssid: printableByteArray.describe('Name of the network.'),
    Bssid: printableByteArray.describe('Hardware address of the access point.'),
  })
  .meta({ id: 'RcspScanResult', description: 'A Wi-Fi network that a device can hear.' });

/** `sensor_info`. */
export const sensorInfo = z
  .looseObject({
    Addr: z.number().describe("Address of the sensor on the device's bus; a part of `RawHeading`."),
    RawHeading: opaqueNumber('Heading of the answer as the sensor sent it'),
    Signature: opaqueNumber('Signature of the firmware'),
    FwVersion: version.describe('Version of the firmware.'),
    BootVersion: version.describe('Version of the bootloader.'),
    BootStatus: z.number().describe('Boot status as a number; `BootStatusStr` says the same in words.'),
    BootStatusStr: z.string().describe('Boot status in words.'),
    IsCalibrated: z
      .number()
      .describe(
        'Whether the sensor has been calibrated, as a number whose values the specification leaves open.',
      ),
    ValidCalib: z.boolean().describe('Whether its calibration is valid.'),
    Epoch: opaqueNumber('Epoch kept in the sensor'),
    CalibrationID: z.number().describe('Number of its calibration.'),
    IdUnique: printableByteArray.describe('Unique id of the sensor.'),
    SensorSetupStatus: opaqueNumber("Status of the sensor's setup"),
    BuildNumber: z.number().describe('Build number of the firmware.'),
    ProdAssyRaw: opaqueNumber('Production assembly as it is stored'),
    HwVersion: version.describe('Version of the hardware.'),
    Vendor: z.string().describe('Maker of the sensor.'),
    InBootloader: z.boolean().describe('Whether it runs its bootloader instead of its firmware.'),
  })
  .meta({ id: 'RcspSensorInfo', description: "Firmware and state of one of a device's sensors." });
