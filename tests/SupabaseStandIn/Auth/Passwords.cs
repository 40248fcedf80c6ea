using System.Globalization;
using System.Security.Cryptography;

namespace SupabaseStandIn.Auth;

internal static class Passwords
{
    // The number of hash rounds is small, so that the tests are fast. The passwords of test users protect nothing.
    private const int Rounds = 1000;

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return string.Create(CultureInfo.InvariantCulture,
            $"pbkdf2${Rounds}${Convert.ToHexStringLower(salt)}${Convert.ToHexStringLower(Derive(password, salt, Rounds))}");
    }

    public static bool Verify(string password, string? hash) =>
        hash?.Split('$') is ["pbkdf2", var rounds, var salt, var derived]
        && CryptographicOperations.FixedTimeEquals(
            Convert.FromHexString(derived), Derive(password, Convert.FromHexString(salt), int.Parse(rounds, CultureInfo.InvariantCulture)));

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, 32);
}
