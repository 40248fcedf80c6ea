using Microsoft.AspNetCore.Authorization;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Represents an attribute that makes an endpoint a paid endpoint, or an endpoint that takes effect once per key.</summary>
/// <remarks>
/// An endpoint with the attribute is replaced by its paid endpoint before authorization. The attribute names an authorization policy that
/// does not exist. If the endpoint was not replaced, ASP.NET Core therefore rejects the request instead of running the handler without a
/// charge.
/// </remarks>
internal interface IPaidAttribute : IAuthorizeData
{
    PaidEndpointMetadata Price { get; }

    string? IAuthorizeData.Policy
    {
        get => $"{Price.Call} requires AddSessionRecovery() and an endpoint that routing selects";
        set => throw new NotSupportedException();
    }

    string? IAuthorizeData.Roles
    {
        get => null;
        set => throw new NotSupportedException();
    }

    string? IAuthorizeData.AuthenticationSchemes
    {
        get => null;
        set => throw new NotSupportedException();
    }
}
