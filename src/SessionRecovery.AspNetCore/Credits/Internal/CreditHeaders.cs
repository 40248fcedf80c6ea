using System.Globalization;
using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A balance in headers: what is available, and the versionToken that the client has from now on.</summary>
internal static class CreditHeaders
{
    public static void Stamp(HttpResponse response, UserId user, CreditBalance? balance)
    {
        if (balance is null)
        {
            return;
        }

        response.Headers[HeaderNames.CreditsAvailable] = balance.Available.ToString(CultureInfo.InvariantCulture);
        if (CreditVersionToken.Of(user, balance) is { } versionToken)
        {
            response.Headers[HeaderNames.CreditsVersion] = versionToken.ToString();
        }
    }

    /// <summary>The client's versionToken; <see langword="false"/> when the header is there and is none.</summary>
    public static bool TryReadVersionToken(HttpRequest request, out CreditVersionToken versionToken)
    {
        versionToken = default;
        var header = request.Headers[HeaderNames.CreditsVersion];
        return header.Count == 0 || (header.Count == 1 && CreditVersionToken.TryParse(header[0], out versionToken));
    }
}
