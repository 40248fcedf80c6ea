using System.Globalization;
using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A balance in headers: what is available, and the floor that the client has from now on.</summary>
internal static class CreditHeaders
{
    public static void Stamp(HttpResponse response, UserId user, CreditBalance? balance)
    {
        if (balance is null)
        {
            return;
        }

        response.Headers[HeaderNames.CreditsAvailable] = balance.Available.ToString(CultureInfo.InvariantCulture);
        if (CreditFloor.Of(user, balance) is { } floor)
        {
            response.Headers[HeaderNames.CreditsVersion] = floor.ToString();
        }
    }

    /// <summary>The client's floor; <see langword="false"/> when the header is there and is none.</summary>
    public static bool TryReadFloor(HttpRequest request, out CreditFloor floor)
    {
        floor = default;
        var header = request.Headers[HeaderNames.CreditsVersion];
        return header.Count == 0 || (header.Count == 1 && CreditFloor.TryParse(header[0], out floor));
    }
}
