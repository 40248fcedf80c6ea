using System.Globalization;
using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Writes the available credits and the client's new version token into response headers.</summary>
internal static class CreditHeaders
{
    public static void Write(HttpResponse response, UserSession session, CreditBalance? balance)
    {
        if (balance is null)
        {
            return;
        }

        response.Headers[HeaderNames.CreditsAvailable] = balance.Available.ToString(CultureInfo.InvariantCulture);
        if (CreditVersionToken.Create(session, balance) is { } token)
        {
            response.Headers[HeaderNames.CreditsVersion] = token.ToString();
        }
    }
}
