using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Contains the headers and the body of a response to a balance read.</summary>
/// <remarks>
/// The responses with a current balance are kept for a while, because a balance is read from the cache more often than it changes. The type
/// is immutable, and a response is used again only for the user and the balance object from which it was created. The body is passed only
/// to streams as read-only memory. Threads need no lock, because a reference is read and written atomically.
/// </remarks>
internal sealed class BalanceResponse
{
    // A new response replaces the response that is kept at the same place, so this is also the maximum number of responses.
    private const int Places = 1024;

    // The initial size of the buffer, in bytes. The members except the user id have at most about this size.
    private const int InitialCapacity = 256;

    private static readonly BalanceResponse?[] Recent = new BalanceResponse?[Places];

    private readonly UserId _user;
    private readonly CreditBalance? _balance;
    private readonly string? _available;
    private readonly string? _version;

    private BalanceResponse(UserSession session, CreditReadResult result)
    {
        _user = session.User;
        _balance = result.Balance;
        _available = _balance?.Available.ToString(CultureInfo.InvariantCulture);
        _version = _balance is null ? null : CreditVersionToken.Create(session, _balance)?.ToString();
        Body = CreateBody(CreditsResponse.Create(session.User, result));
    }

    /// <summary>Gets the body as JSON.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    public static BalanceResponse Get(UserSession session, CreditReadResult result)
    {
        // The version header also depends on the properties of a session. Few hosts set properties, so their responses are not kept.
        if (result is not { Status: CreditReadStatus.Current, Balance: { } balance } || session.Properties.Count > 0)
        {
            return new BalanceResponse(session, result);
        }

        ref var place = ref Recent[(uint)RuntimeHelpers.GetHashCode(balance) % Places];
        if (Volatile.Read(ref place) is { } recent && ReferenceEquals(recent._balance, balance) && recent._user == session.User)
        {
            return recent;
        }

        var created = new BalanceResponse(session, result);
        Volatile.Write(ref place, created);
        return created;
    }

    public void WriteHeaders(HttpResponse response) => CreditHeaders.Write(response, _available, _version);

    private static ReadOnlyMemory<byte> CreateBody(CreditsResponse response)
    {
        var body = new ArrayBufferWriter<byte>(InitialCapacity);
        using (var writer = new Utf8JsonWriter(body))
        {
            response.WriteTo(writer);
        }

        return body.WrittenMemory;
    }
}
